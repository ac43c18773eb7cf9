package de.contactsync.cli;

import de.contactsync.app.ExitCode;
import de.contactsync.app.ReadOnlyApplication;
import de.contactsync.config.ConfigurationException;
import de.contactsync.config.Settings;
import de.contactsync.crm.CrmAudit;
import de.contactsync.crm.CrmAudit.Finding;
import de.contactsync.crm.CrmAudit.Verdict;
import de.contactsync.crm.CrmSettings;
import de.contactsync.crm.OAuthClient;
import de.contactsync.model.Delivery;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.outbox.DeliveryAudit;
import de.contactsync.persistence.Database;
import de.contactsync.resilience.BreakerRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "audit",
        description = "Reads delivered contacts back from the CRM, and lists missing, edited, merged and doubled ones."
                + " Changes nothing in the CRM.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
final class AuditCommand implements Callable<Integer> {

    /** What sending once more mends; of a merged or a doubled record a person has to decide. */
    private static final Set<Verdict> REPAIRABLE = Set.of(Verdict.MISSING, Verdict.EDITED);

    @Option(
            names = "--sample",
            paramLabel = "N",
            description = "Read back only N contacts, chosen at random (default: all).")
    private Integer sample;

    @Option(
            names = "--repair",
            description =
                    "Mark missing and edited contacts as pending: the next sync, or the running process, sends them"
                            + " as JTL has them.")
    private boolean repair;

    @Option(
            names = "--report",
            paramLabel = "FILE",
            description = "Also write all findings to this file, as JSON with both values of each field.")
    private Path report;

    private final Random random = new Random();

    @Override
    public Integer call() throws Exception {
        if (sample != null && sample < 1) {
            throw new ConfigurationException(List.of("--sample is " + sample + ": expected 1 or more"));
        }
        Settings settings = Settings.load();
        CrmSettings crm = settings.crm()
                .orElseThrow(() -> new ConfigurationException(
                        List.of("audit requires a CRM to read from: add crm to contacts.sinks")));
        Clock clock = Clock.systemUTC();
        BreakerRegistry breakers =
                new BreakerRegistry(clock, System::nanoTime, settings.jtl().refusalPause());
        try (Database database = database(settings, crm, breakers);
                ReadOnlyApplication application = ReadOnlyApplication.startAudit(settings, breakers, database);
                AuditReport text = AuditReport.open(report, System.out)) {
            CrmAudit audit = application.audit();
            DeliveryAudit deliveries = new DeliveryAudit(database, crm.name(), clock);
            try {
                if (sample == null) {
                    all(audit, deliveries, text);
                } else {
                    chosen(audit, deliveries, text);
                }
            } catch (ProcessingHaltedException e) {
                // What was found, and marked, until then is reported as well, and how much was not read.
                countRest(deliveries, text);
                text.end(audit.notShown(), repair, true);
                throw e;
            }
            text.end(audit.notShown(), repair, false);
            return text.isClean() ? ExitCode.ALL_STORED : ExitCode.DEAD_LETTERS;
        }
    }

    /** Written to only where that is needed. */
    private Database database(Settings settings, CrmSettings crm, BreakerRegistry breakers) {
        OAuthClient client = crm.kind().client();
        boolean keepsToken = client != null && client.grant() == OAuthClient.Grant.REFRESH_TOKEN;
        return repair || keepsToken
                ? Database.open(settings.database(), breakers, settings.maxWait())
                : Database.openToRead(settings.database(), breakers);
    }

    private void all(CrmAudit audit, DeliveryAudit deliveries, AuditReport text) throws IOException {
        List<Delivery> batch = new ArrayList<>();
        for (List<DeliveryAudit.Entry> page = deliveries.next(); !page.isEmpty(); page = deliveries.next()) {
            page.forEach(entry -> text.count(entry.state()));
            for (DeliveryAudit.Entry entry : page) {
                if (entry.state() == DeliveryAudit.State.DELIVERED) {
                    batch.add(entry.delivery());
                }
                if (batch.size() == audit.batchSize()) {
                    compare(audit, deliveries, batch, text);
                    batch.clear();
                }
            }
        }
        compare(audit, deliveries, batch, text);
    }

    private static void countRest(DeliveryAudit deliveries, AuditReport text) {
        for (List<DeliveryAudit.Entry> page = deliveries.next(); !page.isEmpty(); page = deliveries.next()) {
            page.forEach(entry -> text.count(entry.state()));
        }
    }

    /** Each with the same chance, by one walk through all. */
    private void chosen(CrmAudit audit, DeliveryAudit deliveries, AuditReport text) throws IOException {
        List<Delivery> chosen = new ArrayList<>();
        int seen = 0;
        for (List<DeliveryAudit.Entry> page = deliveries.next(); !page.isEmpty(); page = deliveries.next()) {
            for (DeliveryAudit.Entry entry : page) {
                text.count(entry.state());
                if (entry.state() == DeliveryAudit.State.DELIVERED) {
                    int place = random.nextInt(++seen);
                    if (chosen.size() < sample) {
                        chosen.add(entry.delivery());
                    } else if (place < sample) {
                        chosen.set(place, entry.delivery());
                    }
                }
            }
        }
        for (int i = 0; i < chosen.size(); i += audit.batchSize()) {
            compare(audit, deliveries, chosen.subList(i, Math.min(chosen.size(), i + audit.batchSize())), text);
        }
    }

    private void compare(CrmAudit audit, DeliveryAudit deliveries, List<Delivery> batch, AuditReport text)
            throws IOException {
        if (batch.isEmpty()) {
            return;
        }
        List<Finding> findings = audit.compare(batch);
        for (Finding finding : findings) {
            text.add(finding);
        }
        if (repair) {
            text.marked(deliveries.repair(findings.stream()
                    .filter(finding -> REPAIRABLE.contains(finding.verdict()))
                    .map(Finding::delivery)
                    .toList()));
        }
    }
}
