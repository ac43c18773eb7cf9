package de.contactsync.jtl;

import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.service.ServiceHelper;
import org.apache.camel.support.service.ServiceSupport;

/**
 * A step of a route that has a processor for each {@link JtlDoor}, made when the first call needs it. The first step
 * finds the door by the tenant of what is asked for; the others take the one that it found.
 */
final class ByDoor extends ServiceSupport implements Processor {

    /** Exchange property: the {@link JtlDoor} that the call goes through. */
    private static final String DOOR = "jtlDoor";

    private final Function<Exchange, JtlDoor> which;
    private final Function<JtlDoor, Processor> make;
    private final Map<JtlDoor, Processor> steps = new ConcurrentHashMap<>();

    private ByDoor(Function<Exchange, JtlDoor> which, Function<JtlDoor, Processor> make) {
        this.which = which;
        this.make = make;
    }

    static ByDoor first(JtlDoors doors, Function<JtlDoor, Processor> make) {
        return new ByDoor(
                exchange -> {
                    UUID tenantId =
                            RequestProcessor.tenant(exchange.getMessage().getBody());
                    JtlDoor door = doors.of(tenantId).orElseThrow(() -> UnknownTenant.exception(tenantId));
                    exchange.setProperty(DOOR, door);
                    return door;
                },
                make);
    }

    static ByDoor next(Function<JtlDoor, Processor> make) {
        return new ByDoor(exchange -> (JtlDoor) exchange.getProperty(DOOR), make);
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        JtlDoor door = which.apply(exchange);
        Processor step = steps.get(door);
        if (step == null) {
            step = steps.computeIfAbsent(door, this::started);
        }
        step.process(exchange);
    }

    private Processor started(JtlDoor door) {
        Processor step = make.apply(door);
        ServiceHelper.startService(step);
        return step;
    }

    @Override
    protected void doStop() {
        ServiceHelper.stopService(steps.values());
        steps.clear();
    }
}
