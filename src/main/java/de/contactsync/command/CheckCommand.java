package de.contactsync.command;

import de.contactsync.contact.ContactKey;
import de.contactsync.contact.HaltException;
import de.contactsync.contact.KeyEntry;
import de.contactsync.contact.Outcome;
import de.contactsync.contact.Reason;
import de.contactsync.contact.RunChunk;
import de.contactsync.crm.CrmSettings;
import de.contactsync.jtl.TokenSource;
import de.contactsync.kafka.KafkaClients;
import de.contactsync.ledger.Database;
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
        tell("ok", "settings", "can be used");
        Breakers breakers = new Breakers(Clock.systemUTC(), System::nanoTime, settings.jtl().refusalPause());
        boolean token = passes("token", () -> token(settings, breakers));
        try (Application application = Application.startWithoutCrm(settings.withCrmOnly())) {
            if (!token) {
                tell("--", "JTL", "is not asked without a token");
            } else if (settings.file().tenantId() == null) {
                tell("--", "JTL", "is not asked: each key names its tenant, and jtl.tenant-id is not set");
            } else {
                passes("JTL", () -> jtl(settings, application));
            }
            passes("database", () -> settings.database().shownUrl() + " " + Database.look(settings.database(), breakers));
            if (settings.crm().isPresent() && settings.crm().get().kind().createsWhatIsMissing()) {
                tell("--", "CRM", "is not tried, since contacts.crm.create-property=true would change it");
            } else if (settings.crm().isPresent()) {
                passes("CRM", () -> crm(settings.crm().get(), application));
            }
        }
        if (QueueWiring.needsBroker(settings)) {
            passes("broker", () -> broker(settings, breakers));
        }
        if (settings.sources().contains("kafka")) {
            passes("Kafka", () -> kafka(settings, breakers));
        }
        return failed ? ExitCode.USAGE : ExitCode.ALL_STORED;
    }

    private static String token(Settings settings, Breakers breakers) throws Exception {
        try (TokenSource tokens = new TokenSource(
                settings.oauth(), settings.network(), breakers::forAll, System::nanoTime, new Random())) {
            tokens.current();
            return "comes from " + settings.oauth().endpointForPeople();
        }
    }

    /** Asks for a contact that there cannot be: whoever says so has let us in. */
    private static String jtl(Settings settings, Application application) throws Exception {
        UUID tenantId = settings.file().tenantId();
        KeyEntry nobody = new KeyEntry.Valid(1, new ContactKey(tenantId, UUID.randomUUID(), UUID.randomUUID()));
        Outcome outcome = application.enrich(new RunChunk(0, 0, List.of(nobody), 0)).outcomes().get(0);
        if (outcome instanceof Outcome.Failed said && said.reason() != Reason.NOT_FOUND) {
            throw new HaltException(said.errorMessage());
        }
        return settings.jtl().baseUrl() + " answers for tenant " + tenantId;
    }

    private static String crm(CrmSettings settings, Application application) throws Exception {
        application.tryCrm();
        return settings.kind().label() + " at " + settings.baseUrl().getAuthority() + " can take what mapping/"
                + settings.kind().id() + ".yaml names";
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
