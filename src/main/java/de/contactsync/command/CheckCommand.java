package de.contactsync.command;

import de.contactsync.contact.ContactKey;
import de.contactsync.contact.DeliveryTarget;
import de.contactsync.contact.HaltException;
import de.contactsync.contact.KeyEntry;
import de.contactsync.contact.Outcome;
import de.contactsync.contact.Reason;
import de.contactsync.contact.RunChunk;
import de.contactsync.crm.CrmSettings;
import de.contactsync.crm.OAuthClient;
import de.contactsync.jtl.TokenSource;
import de.contactsync.kafka.KafkaClients;
import de.contactsync.ledger.Database;
import de.contactsync.ledger.DatabaseCheck;
import de.contactsync.ledger.DeliveryTargets;
import de.contactsync.outage.Breakers;
import de.contactsync.queue.QueueConnections;
import de.contactsync.queue.QueueSettings;
import java.time.Clock;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.concurrent.Callable;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.Command;

@Command(
        name = "check",
        description = "Tries the settings, the token, one call of JTL, the database, the CRM and the broker; changes nothing.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
final class CheckCommand implements Callable<Integer> {

    /** One of the things that {@code run} would need. */
    private interface Part {
        /** What was found, for people. */
        String look() throws Exception;
    }

    private boolean failed;

    @Override
    public Integer call() throws Exception {
        Settings settings = Settings.load();
        tell("ok", "settings", "can be used; " + settings.network());
        Breakers breakers = new Breakers(Clock.systemUTC(), System::nanoTime, settings.jtl().refusalPause());
        boolean token = passes("token", () -> token(settings, breakers));
        passes("database", () -> settings.database().shownUrl() + " " + DatabaseCheck.run(settings.database()));
        tryServers(settings, token);
        if (QueueWiring.needsBroker(settings)) {
            passes("broker", () -> broker(settings, breakers));
        }
        if (settings.sources().contains("kafka")) {
            passes("Kafka", () -> kafka(settings, breakers));
        }
        return failed ? ExitCode.USAGE : ExitCode.ALL_STORED;
    }

    private void tryServers(Settings settings, boolean token) throws Exception {
        CrmSettings crm = settings.crm().orElse(null);
        String untried = crm == null ? null : untried(crm);
        try (ReadOnlyApplication application = crm == null || untried != null
                ? ReadOnlyApplication.start(settings)
                : ReadOnlyApplication.start(settings, crm, target -> refusal(settings, crm, target))) {
            if (!token) {
                tell("--", "JTL", "not tried: there is no token");
            } else if (settings.file().tenantId() == null) {
                tell("--", "JTL", "not tried: each key names its tenant, and jtl.tenant-id is not set");
            } else {
                passes("JTL", () -> jtl(settings, application));
            }
            if (untried != null) {
                tell("--", "CRM", "not tried: " + untried);
            } else if (crm != null) {
                passes("CRM", () -> crm.kind().label() + " at " + crm.baseUrl().getAuthority() + ": "
                        + application.tryCrm());
            }
        }
    }

    /** Why a CRM cannot be tried without changing anything; null when it can. */
    private static String untried(CrmSettings crm) {
        if (crm.kind().createsWhatIsMissing()) {
            return "contacts.crm.create-property=true would change it";
        }
        OAuthClient client = crm.kind().client();
        return client == null || client.grant() != OAuthClient.Grant.REFRESH_TOKEN ? null
                : "its refresh token may be valid only once, and is spent only when contacts are sent";
    }

    /** As far as there is a database that says what was delivered into. */
    private static String refusal(Settings settings, CrmSettings crm, DeliveryTarget target) {
        Breakers breakers = new Breakers(Clock.systemUTC(), System::nanoTime, settings.jtl().refusalPause());
        DeliveryTarget known;
        try (Database database = Database.openToRead(settings.database(), breakers)) {
            known = new DeliveryTargets(database, Clock.systemUTC()).of(crm.name());
        } catch (HaltException e) {
            // The line of the database has said so.
            return null;
        }
        return known != null && target.isOtherThan(known) ? CrmHouse.otherTarget(crm, target, known) : null;
    }

    private static String token(Settings settings, Breakers breakers) throws Exception {
        try (TokenSource tokens = new TokenSource(
                settings.oauth(), settings.network(), breakers::forAll, System::nanoTime, new Random())) {
            tokens.current();
            return "comes from " + settings.oauth().endpointForPeople();
        }
    }

    /** Asks for a contact that there cannot be: whoever says so has let us in. */
    private static String jtl(Settings settings, ReadOnlyApplication application) throws Exception {
        UUID tenantId = settings.file().tenantId();
        KeyEntry nobody = new KeyEntry.Valid(1, new ContactKey(tenantId, UUID.randomUUID(), UUID.randomUUID()));
        Outcome outcome = application.enrich(new RunChunk(0, 0, List.of(nobody), 0)).outcomes().get(0);
        if (outcome instanceof Outcome.Failed said && said.reason() != Reason.NOT_FOUND) {
            throw new HaltException(said.errorMessage());
        }
        return settings.jtl().baseUrl() + " answers for tenant " + tenantId;
    }

    private static String broker(Settings settings, Breakers breakers) throws Exception {
        QueueSettings queue = settings.queue();
        QueueWiring.Use use = QueueWiring.Use.of(settings, true);
        new QueueConnections(queue, use.senders(queue), breakers.forAll("the broker " + queue.shownUrl()))
                .verify(use.receivers(queue), use.senders(queue));
        return queue.shownUrl() + " lets us take from and send to "
                + Stream.concat(use.receivers(queue).stream(), use.senders(queue).stream()).distinct()
                        .collect(Collectors.joining(", "));
    }

    private static String kafka(Settings settings, Breakers breakers) {
        String brokers = settings.kafka().brokers();
        try {
            new KafkaClients(settings.kafka(), breakers.forSource("Kafka at " + brokers)).tryOut(settings.kafka().topic());
        } catch (KafkaException e) {
            throw new HaltException("contacts.kafka cannot be used: "
                    + (e.getCause() == null ? e : e.getCause()).getMessage(), e);
        }
        return brokers + " has the topic " + settings.kafka().topic();
    }

    private boolean passes(String what, Part part) {
        try {
            tell("ok", what, part.look());
            return true;
        } catch (Exception e) {
            tell("FAIL", what, e.getMessage() == null ? e.toString() : e.getMessage());
            failed = true;
            return false;
        }
    }

    private static void tell(String state, String what, String words) {
        System.out.printf("%-5s %-9s %s%n", state, what, words.replace(System.lineSeparator(), "; "));
    }
}
