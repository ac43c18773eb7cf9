package de.contactsync.command;

import de.contactsync.contact.DeliveryBatch;
import de.contactsync.contact.DeliveryTarget;
import de.contactsync.contact.HaltException;
import de.contactsync.crm.CrmSettings;
import de.contactsync.crm.CrmSettings.Gone;
import de.contactsync.crm.CrmSink;
import de.contactsync.crm.CrmTimeouts;
import de.contactsync.crm.Mapping;
import de.contactsync.crm.MappingException;
import de.contactsync.crm.MappingFile;
import de.contactsync.crm.RestSettings;
import de.contactsync.http.Network;
import de.contactsync.ledger.CreateAttemptTable;
import de.contactsync.ledger.Database;
import de.contactsync.ledger.DeliveryTargets;
import de.contactsync.ledger.Outbox;
import de.contactsync.ledger.RefreshTokenTable;
import de.contactsync.ledger.RunLedger;
import de.contactsync.outage.Breakers;
import de.contactsync.outage.OutageException;
import de.contactsync.sink.Pump;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Everything that a CRM as a sink needs, wired together. */
final class CrmHouse implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(CrmHouse.class);

    private static final Duration ONLY_FULL = Duration.ofDays(36_500);
    private static final Duration START = Duration.ofSeconds(10);

    private final CrmSettings settings;
    private final String name;
    private final Outbox outbox;
    private final Mapping mapping;
    private final CrmConnection connection;
    private final DeliveryTargets targets;
    private Pump pump;
    private DeliveryLog log;

    /** @throws ConfigurationException when the mapping file cannot be used */
    CrmHouse(
            CrmSettings settings, CrmTimeouts timeouts, Network network, Database database, RunLedger ledger,
            Breakers breakers, Clock clock) {
        this.settings = settings;
        this.mapping = mapping(settings);
        LOG.info("Contacts are mapped for the CRM by {}", mapping.origin());
        this.outbox = new Outbox(
                database, settings.name(), ledger, clock, settings.gone() != Gone.KEEP, settings.mostGone());
        ledger.tell(outbox);
        this.targets = new DeliveryTargets(database, clock);
        this.connection = new CrmConnection(settings, timeouts, network, mapping, breakers,
                first -> new RefreshTokenTable(database, settings.name(), ledger, first), this::refusal,
                new CreateAttemptTable(database, settings.name(), clock));
        this.name = connection.name();
    }

    /** @throws ConfigurationException when the mapping file cannot be used */
    static Mapping mapping(CrmSettings settings) {
        try {
            String kind = settings.kind().id();
            Mapping mapping = MappingFile.read(Path.of(""), kind);
            if (settings.gone() == Gone.FLAG && mapping.gone().isEmpty()) {
                throw new ConfigurationException(List.of("contacts.on-gone is flag, and mapping/" + kind
                        + ".yaml does not say what is written then: add gone: with a property and a value"));
            }
            settings.kind().check(mapping);
            return mapping;
        } catch (MappingException e) {
            throw new ConfigurationException(List.of(e.getMessage()));
        }
    }

    Outbox outbox() {
        return outbox;
    }

    void bind(Platform platform) {
        platform.bind("crmSink", connection.sink());
        platform.bind("crmOutbox", outbox);
        connection.bind(platform);
    }

    /** Of a target that the sink has not delivered into so far. */
    private String refusal(DeliveryTarget target) {
        DeliveryTarget known = targets.adopt(settings.name(), target);
        return target.isOtherThan(known) ? otherTarget(settings, target, known) : null;
    }

    /** That the settings name another target than the one that was delivered into, with the ways out. */
    static String otherTarget(CrmSettings settings, DeliveryTarget target, DeliveryTarget known) {
        return "contacts.crm names " + target + ", but what the database knows of the sink \"" + settings.name()
                + "\" belongs to " + known + ": its records would be taken for those. For a further CRM set"
                + " contacts.crm.name=NAME, and it gets all contacts. If the old one is not used any longer, forget it by"
                + " the command crm forget-target " + settings.name() + "; if it is the same one under another address, by"
                + " crm forget-target " + settings.name() + " --keep-deliveries";
    }

    /** What can be said before the CRM has told its account. */
    void requireKnownTarget() {
        DeliveryTarget target = settings.target(null);
        DeliveryTarget known = targets.of(settings.name());
        boolean mayBeSame = known != null && known.account() != null && settings.kind().tellsAccount()
                && known.kind().equals(target.kind());
        if (known != null && !mayBeSame && target.isOtherThan(known)) {
            throw new ConfigurationException(List.of(otherTarget(settings, target, known)));
        }
    }

    /**
     * @param lingering whether also batches go out that are not full
     * @throws ConfigurationException when the CRM cannot take our contacts as it is set up
     */
    void start(CamelContext camel, boolean lingering) throws Exception {
        requireKnownTarget();
        targets.adopt(settings.name(), settings.target(null));
        connection.connect(camel);
        markAllOnce();
        String sentBy = targets.mapping(settings.name(), mapping.hash());
        if (!mapping.hash().equals(sentBy)) {
            LOG.warn("mapping/{}.yaml has changed since all contacts were sent: those that do not change in JTL-Wawi stay in {} as"
                    + " they are. The command sync --full sends all", settings.kind().id(), name);
        }
        CrmSink sink = connection.sink();
        pump = new Pump(outbox, sink.batchSize(), lingering ? settings.kind().linger() : ONLY_FULL,
                connection.breaker(), sink::prepare, batch -> send(camel, batch));
        try {
            pump.start(START);
        } catch (OutageException e) {
            throw new ConfigurationException(List.of(e.getMessage()));
        }
        if (lingering) {
            log = DeliveryLog.start(name, outbox);
        }
    }

    /** All contacts there are shall be sent, and a mapping that has changed is that of all then. */
    void markAll() {
        outbox.markAll(settings.kind() instanceof RestSettings);
        targets.setMapping(settings.name(), mapping.hash());
    }

    /** What {@code contacts.crm.full=true} asks for, once until it is taken out. */
    private void markAllOnce() {
        if (!settings.full()) {
            targets.setFull(settings.name(), false);
        } else if (targets.isFullDue(settings.name())) {
            markAll();
            targets.setFull(settings.name(), true);
        } else {
            LOG.warn("contacts.crm.full=true has been done and is not repeated: take it out; the command sync --full sends all"
                    + " contacts whenever it is given");
        }
    }

    private static void send(CamelContext camel, DeliveryBatch batch) {
        Exchange exchange = camel.createFluentProducerTemplate()
                .to("direct:sink-crm")
                .withBody(batch)
                .send();
        if (exchange.getException() != null) {
            throw exchange.getException() instanceof HaltException halt
                    ? halt
                    : new IllegalStateException("sink-crm failed", exchange.getException());
        }
    }

    /** @param since what had been settled when the counting began */
    Sent flush(Outbox.Tally since, Duration maxWait, BooleanSupplier stopping) {
        String waitsFor;
        long pending = 0;
        // Says every minute how far it is.
        try (DeliveryLog telling = DeliveryLog.start(name, outbox)) {
            waitsFor = pump.flush(maxWait, stopping).orElse(null);
            pending = waitsFor == null ? 0 : outbox.pending();
        } catch (HaltException e) {
            waitsFor = e.getMessage();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            waitsFor = "interrupted";
        }
        return new Sent(outbox.tally().minus(since), waitsFor, pending, mapping.unreadablePhoneNumbers());
    }

    /** Ends all waits for the CRM, then what is being sent. */
    @Override
    public void close() throws Exception {
        if (log != null) {
            log.close();
        }
        connection.abandon();
        if (pump != null) {
            pump.close();
        }
        connection.close();
    }
}
