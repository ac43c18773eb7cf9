package de.contactsync.app;

import de.contactsync.config.ConfigurationException;
import de.contactsync.crm.CrmSettings;
import de.contactsync.crm.CrmSettings.Gone;
import de.contactsync.crm.CrmSettings.Match;
import de.contactsync.crm.CrmSink;
import de.contactsync.crm.CrmTimeouts;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.crm.mapping.MappingException;
import de.contactsync.crm.mapping.MappingFile;
import de.contactsync.http.Network;
import de.contactsync.model.DeliveryBatch;
import de.contactsync.model.DeliveryTarget;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.RefreshTokens;
import de.contactsync.model.TenantNames;
import de.contactsync.outbox.DeliveryCounts;
import de.contactsync.outbox.DeliveryTargets;
import de.contactsync.outbox.Outbox;
import de.contactsync.outbox.RemoteRecordTable;
import de.contactsync.persistence.CreateAttemptTable;
import de.contactsync.persistence.Database;
import de.contactsync.persistence.RefreshTokenTable;
import de.contactsync.persistence.RunStore;
import de.contactsync.persistence.SecretVault;
import de.contactsync.resilience.BreakerRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Everything that a CRM as a sink needs, wired together. */
public final class CrmModule implements SinkModule {

    private static final Logger LOG = LoggerFactory.getLogger(CrmModule.class);

    private final CrmSettings settings;
    private final String name;
    private final Outbox outbox;
    private final Mapping mapping;
    private final CrmConnection connection;
    private final DeliveryTargets targets;
    private DeliveryWorker worker;

    /** @throws ConfigurationException when the mapping file cannot be used */
    public CrmModule(
            CrmSettings settings,
            TenantNames tenants,
            CrmTimeouts timeouts,
            Network network,
            Database database,
            SecretVault vault,
            RunStore runs,
            BreakerRegistry breakers,
            Clock clock) {
        this.settings = settings;
        this.mapping = mapping(settings, tenants);
        LOG.info("Contacts are mapped for the CRM by {}", mapping.origin());
        this.outbox =
                new Outbox(database, settings.name(), runs, clock, settings.gone() != Gone.KEEP, settings.mostGone());
        runs.addOutbox(outbox);
        this.targets = new DeliveryTargets(database, clock);
        this.connection = new CrmConnection(
                settings,
                timeouts,
                network,
                mapping,
                breakers,
                first -> refreshTokens(database, vault, settings.name(), runs.owner(), first),
                this::refusal,
                new CreateAttemptTable(database, settings.name(), clock),
                new RemoteRecordTable(database, settings.name()),
                outbox::noteAttempts);
        this.name = connection.name();
    }

    /** @throws ConfigurationException when there is no place to keep it in */
    static RefreshTokens refreshTokens(Database database, SecretVault vault, String name, String owner, String first) {
        try {
            vault.requireUsable();
        } catch (ProcessingHaltedException e) {
            throw new ConfigurationException(List.of(e.getMessage()));
        }
        return RefreshTokenTable.ofSettings(database, vault, name, owner, first);
    }

    /**
     * @param tenants that it may name by their names
     * @throws ConfigurationException when the mapping file cannot be used
     */
    public static Mapping mapping(CrmSettings settings, TenantNames tenants) {
        try {
            String kind = settings.kind().id();
            Mapping mapping = MappingFile.read(Path.of(""), kind, tenants);
            if (settings.gone() == Gone.FLAG && mapping.gone().isEmpty()) {
                throw new ConfigurationException(List.of("contacts.on-gone is flag, but " + mapping.file()
                        + " does not say what to write: add gone: with a property and a value"));
            }
            if (settings.match() == Match.EMAIL && mapping.emailField() == null) {
                throw new ConfigurationException(List.of("contacts.crm.match is email, but " + mapping.file()
                        + " has no field with emailAddress alone: add one"));
            }
            settings.kind().check(mapping);
            return mapping;
        } catch (MappingException e) {
            throw new ConfigurationException(List.of(e.getMessage()));
        }
    }

    @Override
    public String sink() {
        return settings.name();
    }

    @Override
    public Outbox outbox() {
        return outbox;
    }

    @Override
    public void bind(RuntimeAdapter runtime) {
        runtime.bind("crmSink", connection.sink());
        runtime.bind("crmOutbox", outbox);
        connection.bind(runtime);
    }

    /** Of a target that the sink has not delivered into so far. */
    private String refusal(DeliveryTarget target) {
        DeliveryTarget known = targets.adopt(settings.name(), target);
        return target.isOtherThan(known) ? otherTarget(settings, target, known) : null;
    }

    /** That the settings name another target than the one that was delivered into, with the ways out. */
    public static String otherTarget(CrmSettings settings, DeliveryTarget target, DeliveryTarget known) {
        Set<String> changed = target.changedCalls(known);
        return "contacts.crm names " + target + ", but the state of the sink \"" + settings.name()
                + "\" belongs to " + known
                + (changed.isEmpty()
                        ? ""
                        : ", and " + String.join(" and ", changed)
                                + " has changed, which may name another database, or identify its records by another"
                                + " key")
                + ": its records would be confused with those. For a further CRM set contacts.crm.name=NAME: it"
                + " receives what is imported from then on, changed or not, and all contacts at once by the command"
                + " sync --full. If the old CRM is no longer used, forget it by the command crm forget-target "
                + settings.name()
                + "; if it is the same CRM under another address, or with other calls, by crm forget-target "
                + settings.name() + " --keep-deliveries";
    }

    /** As {@link #requireTarget}. */
    public void requireKnownTarget() {
        requireTarget(settings, targets.of(settings.name()));
    }

    /**
     * What can be said before the CRM has named its account.
     *
     * @param known what was delivered into so far, null for nothing
     * @return null, or on what it depends, for people, whether a start is refused
     * @throws ConfigurationException when the settings name another
     */
    public static String requireTarget(CrmSettings settings, DeliveryTarget known) {
        DeliveryTarget target = settings.target(null);
        if (known == null || !target.isOtherThan(known)) {
            return null;
        }
        boolean mayBeSame = known.account() != null
                && settings.kind().namesAccount()
                && known.kind().equals(target.kind());
        if (!mayBeSame) {
            throw new ConfigurationException(List.of(otherTarget(settings, target, known)));
        }
        return "contacts.crm names " + target + ", and " + known
                + " has been delivered into so far: an import starts only if that is the same account";
    }

    @Override
    public void start(CamelContext camel, boolean lingering) throws Exception {
        requireKnownTarget();
        targets.adopt(settings.name(), settings.target(null));
        connection.connect(camel);
        markAllOnce();
        String sentBy = targets.mapping(settings.name(), mapping.hash());
        if (!mapping.hash().equals(sentBy)) {
            LOG.warn(
                    "{} has changed since all contacts were sent: contacts that do not change in JTL-Wawi stay as"
                            + " they are in {}. The command sync --full sends all",
                    mapping.file(),
                    name);
        }
        CrmSink sink = connection.sink();
        worker = DeliveryWorker.start(
                name,
                outbox,
                sink.batchSize(),
                lingering ? settings.kind().linger() : null,
                connection.breaker(),
                sink::prepare,
                RemovalRecheck.of(camel, outbox),
                batch -> send(camel, batch),
                lingering);
    }

    /** A mapping that has changed is that of all then. */
    @Override
    public void markAll() {
        // Where a record cannot be read by its id, it is looked for: it may have been deleted there.
        outbox.enqueueAll(!settings.kind().readsBeforeItWrites());
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
            LOG.warn("contacts.crm.full=true has been done and is not repeated: remove it; the command sync --full"
                    + " sends all contacts whenever it is given");
        }
    }

    private static void send(CamelContext camel, DeliveryBatch batch) {
        Exchange exchange = camel.createFluentProducerTemplate()
                .to("direct:sink-crm")
                .withBody(batch)
                .send();
        if (exchange.getException() != null) {
            throw exchange.getException() instanceof ProcessingHaltedException processingHaltedException
                    ? processingHaltedException
                    : new IllegalStateException("sink-crm failed", exchange.getException());
        }
    }

    @Override
    public DeliverySummary flush(DeliveryCounts since, Duration maxWait, BooleanSupplier stopping) {
        return worker.flush(DeliverySummary.CRM, settings.name(), since, maxWait, stopping)
                .with(mapping.unreadablePhoneNumbers());
    }

    /** Ends all waits for the CRM. */
    @Override
    public void stop() {
        connection.abandon();
    }

    /** Ends all waits for the CRM, then what is being sent. */
    @Override
    public void close() throws Exception {
        stop();
        if (worker != null) {
            worker.close();
        }
        connection.close();
    }
}
