package de.contactsync.cli;

import de.contactsync.app.CrmModule;
import de.contactsync.app.ExitCode;
import de.contactsync.app.JmsModule;
import de.contactsync.app.ReadOnlyApplication;
import de.contactsync.config.AlertSettings;
import de.contactsync.config.Settings;
import de.contactsync.config.TenantSettings;
import de.contactsync.crm.CrmSettings;
import de.contactsync.crm.OAuthClient;
import de.contactsync.imports.InboxCheck;
import de.contactsync.jtl.JtlAuth;
import de.contactsync.messaging.jms.QueueConnections;
import de.contactsync.messaging.jms.QueueSettings;
import de.contactsync.messaging.kafka.KafkaClients;
import de.contactsync.model.DeliveryTarget;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.TenantNames;
import de.contactsync.observability.AlertReceivers;
import de.contactsync.outbox.DeliveryTargets;
import de.contactsync.persistence.Database;
import de.contactsync.persistence.DatabaseCheck;
import de.contactsync.persistence.SqliteLibrary;
import de.contactsync.resilience.BreakerRegistry;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.Command;

@Command(
        name = "check",
        description = "Tests the settings, the token, one call to JTL, the database, the folders, the CRM and the"
                + " broker. Changes nothing.",
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
        report("ok", "settings", "can be used; " + settings.network());
        BreakerRegistry breakers = BreakerRegistry.ofTrial(settings.jtl().refusalPause());
        Set<TenantSettings> open = tenants(settings)
                .filter(tenant -> passes(
                        CredentialCheck.name(tenant),
                        () -> of(tenant) + CredentialCheck.run(settings, tenant, breakers)))
                .collect(Collectors.toSet());
        passes("database", () -> settings.database().shownUrl() + " " + DatabaseCheck.run(settings.database()));
        if (settings.sources().contains("file") || settings.sources().contains("timer")) {
            passes("temporary", SqliteLibrary::check);
        } else {
            report(
                    "--",
                    "temporary",
                    "not tried: only key files, schedules and the command import need a temporary folder");
        }
        if (settings.sources().contains("file")) {
            passes("inbox", () -> InboxCheck.run(settings.file().directory()));
        }
        tryServers(settings, open);
        tryRoutes(settings);
        if (JmsModule.needsBroker(settings)) {
            passes("broker", () -> broker(settings, breakers));
        }
        if (settings.sources().contains("kafka")) {
            passes("Kafka", () -> kafka(settings, breakers));
        }
        if (settings.http() != null) {
            report("--", "HTTP", "not tried: listening on " + settings.http() + ", where a process may be running");
        }
        AlertSettings alerts = settings.alerts();
        if (alerts.mail() != null) {
            passes("mail", () -> AlertReceivers.tryMail(alerts.mail(), settings.network()));
        }
        if (alerts.webhook() != null) {
            report("--", "webhook", "not tried: it would show a message");
        }
        return failed ? ExitCode.USAGE : ExitCode.ALL_STORED;
    }

    /** Those without settings of their own first. */
    private static Stream<TenantSettings> tenants(Settings settings) {
        return Stream.concat(settings.others().stream(), settings.tenants().stream());
    }

    private static String of(TenantSettings tenant) {
        return tenant.name() == null ? "" : "of tenant " + tenant.name() + ": ";
    }

    private void tryServers(Settings settings, Set<TenantSettings> open) throws Exception {
        CrmSettings crm = settings.crm().orElse(null);
        boolean mapped = crm == null
                || passes("mapping", () -> mapping(crm, settings.file().tenants()));
        String untried = crm == null ? null : mapped ? untried(crm) : "the mapping cannot be used";
        try (ReadOnlyApplication application = crm == null || untried != null
                ? ReadOnlyApplication.startTrial(settings)
                : ReadOnlyApplication.startTrial(settings, crm, target -> refusal(settings, crm, target))) {
            tenants(settings).forEach(tenant -> {
                if (!open.contains(tenant)) {
                    report(
                            "--",
                            "JTL",
                            of(tenant) + "not tried: no "
                                    + (tenant.jtl().auth() == JtlAuth.WAWI_APP ? "key" : "access token"));
                } else if (tenant.jtl().tenantId() == null) {
                    report("--", "JTL", "not tried: each key names its tenant, and jtl.tenant-id is not set");
                } else {
                    passes("JTL", () -> JtlTrial.run(tenant, application));
                }
            });
            if (untried != null) {
                report("--", "CRM", "not tried: " + untried);
            } else if (crm != null) {
                passes(
                        "CRM",
                        () -> crm.kind().label() + " at " + crm.baseUrl().getAuthority() + ": " + application.tryCrm());
            }
        }
    }

    /** Says nothing while there are only the program's routes. */
    private void tryRoutes(Settings settings) {
        try {
            ReadOnlyApplication.routeWarnings().forEach(words -> report("WARN", "routes", words));
            List<String> routes = ReadOnlyApplication.tryRoutes(settings);
            if (!routes.isEmpty()) {
                report(
                        "ok",
                        "routes",
                        "can be built, with the components, beans and expressions that they name: "
                                + String.join(", ", routes)
                                + "; not tried: methods of beans, and whether what they send to takes it");
            }
        } catch (Exception e) {
            passes("routes", () -> {
                throw e;
            });
        }
    }

    private static String mapping(CrmSettings crm, TenantNames tenants) {
        return CrmModule.mapping(crm, tenants).origin() + " can be read";
    }

    /** Why a CRM cannot be tried without changing anything; null when it can. */
    private static String untried(CrmSettings crm) {
        if (crm.kind().createsWhatIsMissing()) {
            return "contacts.crm.create-property=true would change it";
        }
        OAuthClient client = crm.kind().client();
        return client == null || client.grant() != OAuthClient.Grant.REFRESH_TOKEN
                ? null
                : "its refresh token may be valid only once, and is spent only when contacts are sent";
    }

    /** As far as there is a database that says what was delivered into. */
    private static String refusal(Settings settings, CrmSettings crm, DeliveryTarget target) {
        BreakerRegistry breakers = BreakerRegistry.ofTrial(settings.jtl().refusalPause());
        DeliveryTarget known;
        try (Database database = Database.openToRead(settings.database(), breakers)) {
            known = new DeliveryTargets(database, Clock.systemUTC()).of(crm.name());
        } catch (ProcessingHaltedException e) {
            // The line of the database has said so.
            return null;
        }
        return known != null && target.isOtherThan(known) ? CrmModule.otherTarget(crm, target, known) : null;
    }

    private static String broker(Settings settings, BreakerRegistry breakers) throws Exception {
        QueueSettings queue = settings.queue();
        JmsModule.Use use = JmsModule.Use.of(settings, true);
        new QueueConnections(queue, use.senders(queue), breakers.forAll(queue.broker()))
                .verify(use.receivers(queue), use.senders(queue));
        return queue.shownUrl() + ": may receive from and send to "
                + Stream.concat(use.receivers(queue).stream(), use.senders(queue).stream())
                        .distinct()
                        .collect(Collectors.joining(", "));
    }

    private static String kafka(Settings settings, BreakerRegistry breakers) {
        String brokers = settings.kafka().brokers();
        try {
            new KafkaClients(settings.kafka(), breakers.forSource("Kafka at " + brokers))
                    .verifyConnection(settings.kafka().topic());
        } catch (KafkaException e) {
            throw new ProcessingHaltedException(
                    "contacts.kafka cannot be used: " + (e.getCause() == null ? e : e.getCause()).getMessage(), e);
        }
        return brokers + " has the topic " + settings.kafka().topic();
    }

    private boolean passes(String what, Part part) {
        try {
            report("ok", what, part.look());
            return true;
        } catch (Exception e) {
            report("FAIL", what, e.getMessage() == null ? e.toString() : e.getMessage());
            failed = true;
            return false;
        }
    }

    private static void report(String state, String what, String words) {
        System.out.printf("%-5s %-9s %s%n", state, what, words.replace(System.lineSeparator(), "; "));
    }
}
