package de.contactsync.observability;

import de.contactsync.jtl.CallListener;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** Calls by status, and how long they took. A call costs two additions and no look-up. Thread-safe. */
final class CallMetrics implements CallListener {

    /** Statuses that were answered have a counter of their own, all others count as no answer. */
    private static final int STATUSES = 600;

    private final MeterRegistry registry;
    private final AtomicReferenceArray<Counter> byStatus = new AtomicReferenceArray<>(STATUSES);
    private final Counter unanswered;
    private final Timer durations;

    CallMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.unanswered = counter("none");
        this.byStatus.set(200, counter("200"));
        this.durations = Timer.builder("jtl.call.duration")
                .description("Time from the start of a call to JTL to the end of its answer")
                .serviceLevelObjectives(
                        Duration.ofMillis(10),
                        Duration.ofMillis(50),
                        Duration.ofMillis(100),
                        Duration.ofMillis(250),
                        Duration.ofMillis(500),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(30))
                .register(registry);
    }

    @Override
    public void ended(int status, long nanos) {
        durations.record(nanos, TimeUnit.NANOSECONDS);
        counterOf(status).increment();
    }

    private Counter counterOf(int status) {
        if (status < 100 || status >= STATUSES) {
            return unanswered;
        }
        Counter known = byStatus.get(status);
        if (known == null) {
            // The registry gives the same counter to whoever comes second.
            known = counter(Integer.toString(status));
            byStatus.set(status, known);
        }
        return known;
    }

    private Counter counter(String status) {
        return Counter.builder("jtl.calls")
                .description("Calls to JTL by HTTP status; none for a missing or incomplete response")
                .tag("status", status)
                .register(registry);
    }
}
