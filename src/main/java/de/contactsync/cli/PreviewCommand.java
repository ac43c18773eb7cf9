package de.contactsync.cli;

import de.contactsync.app.CrmModule;
import de.contactsync.app.ExitCode;
import de.contactsync.app.ReadOnlyApplication;
import de.contactsync.config.ConfigurationException;
import de.contactsync.config.Settings;
import de.contactsync.crm.CrmSettings;
import de.contactsync.crm.CrmSettings.Match;
import de.contactsync.crm.CrmSettings.Mode;
import de.contactsync.crm.EmailMatcher;
import de.contactsync.crm.OAuthClient;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.imports.DuplicateDetector;
import de.contactsync.imports.FileNames;
import de.contactsync.keyfile.KeyFile;
import de.contactsync.keyfile.UnreadableKeyFileException;
import de.contactsync.model.ContactKey;
import de.contactsync.model.EnrichedChunk;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.RunChunk;
import de.contactsync.outbox.DeliveryQueries;
import de.contactsync.outbox.DeliveryTargets;
import de.contactsync.persistence.Database;
import de.contactsync.resilience.BreakerRegistry;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "preview",
        description = "Shows what the CRM would receive for the first keys of a file. Makes look-ups at JTL, but sends"
                + " and writes nothing.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
final class PreviewCommand implements Callable<Integer> {

    private static final int MOST = 1_000;

    @Parameters(paramLabel = "FILE", description = "CSV, JSON Lines or JSON, plain or gzipped.")
    private File file;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "10",
            description = "Keys to show, 1 to " + MOST + " (default: ${DEFAULT-VALUE}).")
    private int limit;

    @Option(
            names = "--all",
            description =
                    "Take all keys, and only count how many contacts would be created, updated, left out or deleted.")
    private boolean all;

    @Override
    public Integer call() throws Exception {
        ImportCommand.requireReadable(List.of(file));
        if (limit < 1 || limit > MOST) {
            throw new ConfigurationException(List.of("--limit is " + limit + ": expected 1 to " + MOST));
        }
        Settings settings = settings();
        CrmSettings crm = settings.crmForPreview();
        Mapping mapping = CrmModule.mapping(crm, settings.file().tenants());
        System.err.println("Contacts are mapped for the CRM by " + mapping.origin());
        BreakerRegistry breakers = new BreakerRegistry(
                Clock.systemUTC(), System::nanoTime, settings.jtl().refusalPause());
        boolean matches = reads(crm);
        try (Database database = open(settings, crm, breakers);
                ReadOnlyApplication application = matches
                        ? ReadOnlyApplication.startAudit(settings, breakers, database)
                        : ReadOnlyApplication.start(settings.withoutSinks());
                KeyFile keys = KeyFile.open(file.toPath())) {
            DeliveryQueries deliveries = database == null ? null : new DeliveryQueries(database, crm.name());
            Preview preview = preview(mapping, crm, database);
            PreviewMatches matched = new PreviewMatches(preview.planner(), matches ? application.matcher() : null);
            if (all) {
                System.out.println(totals(keys, settings, crm, application, deliveries, preview, matched));
            } else {
                show(keys, settings, application, deliveries, preview, matched);
            }
        } catch (UnreadableKeyFileException e) {
            throw new ConfigurationException(List.of(FileNames.shown(file.toPath()) + ": " + e.getMessage()));
        }
        return ExitCode.ALL_STORED;
    }

    /** Whether what is there decides on what becomes of new contacts. */
    private static boolean reads(CrmSettings crm) {
        return crm.match() == Match.EMAIL || crm.mode() != Mode.UPSERT;
    }

    /** What the CRM has only it can tell. */
    private static Settings settings() {
        Settings settings = Settings.loadWithoutCredentials();
        if (!reads(settings.crmForPreview())) {
            return settings;
        }
        Settings whole = Settings.load();
        if (whole.crm().isEmpty()) {
            throw new ConfigurationException(List.of(
                    "preview reads from the CRM with contacts.crm.match=email, or a contacts.crm.mode other than"
                            + " upsert: add crm to contacts.sinks"));
        }
        return whole;
    }

    private void show(
            KeyFile keys,
            Settings settings,
            ReadOnlyApplication application,
            DeliveryQueries deliveries,
            Preview preview,
            PreviewMatches matches)
            throws Exception {
        Set<String> addresses = new HashSet<>();
        for (long left = limit; left > 0 && keys.hasNext(); ) {
            List<KeyEntry> entries =
                    next(keys, settings, (int) Math.min(left, settings.file().chunkSize()));
            left -= entries.size();
            EnrichedChunk asked = application.enrich(new RunChunk(0, 0, entries, 0));
            List<DeliveryQueries.Known> known = known(deliveries, entries);
            List<EmailMatcher.Preview> found = matches.of(entries, asked.outcomes(), known);
            for (int i = 0; i < entries.size(); i++) {
                PlannedKey planned = preview.planner()
                        .plan(
                                entries.get(i),
                                asked.outcomes().get(i),
                                known.get(i),
                                found.get(i),
                                address -> !addresses.add(address.strip().toLowerCase(Locale.ROOT)));
                System.out.println(preview.text().of(planned));
            }
        }
    }

    private static List<DeliveryQueries.Known> known(DeliveryQueries deliveries, List<KeyEntry> entries) {
        List<DeliveryQueries.Known> known = new ArrayList<>();
        entries.forEach(entry -> known.add(known(deliveries, entry)));
        return known;
    }

    private static DeliveryQueries.Known known(DeliveryQueries deliveries, KeyEntry entry) {
        return deliveries == null || !(entry instanceof KeyEntry.Valid valid)
                ? null
                : deliveries.of(valid.key()).orElse(null);
    }

    private String totals(
            KeyFile keys,
            Settings settings,
            CrmSettings crm,
            ReadOnlyApplication application,
            DeliveryQueries deliveries,
            Preview preview,
            PreviewMatches matches)
            throws Exception {
        PreviewTotals totals = new PreviewTotals();
        long others = deliveries == null ? 0 : deliveries.pending();
        try (DuplicateDetector seen = new DuplicateDetector();
                DuplicateDetector values = new DuplicateDetector()) {
            while (keys.hasNext()) {
                List<KeyEntry> entries =
                        withoutDuplicates(next(keys, settings, settings.file().chunkSize()), seen, totals);
                EnrichedChunk asked = application.enrich(new RunChunk(0, 0, entries, 0));
                List<DeliveryQueries.Known> delivered = known(deliveries, entries);
                List<EmailMatcher.Preview> found = matches.of(entries, asked.outcomes(), delivered);
                for (int i = 0; i < entries.size(); i++) {
                    DeliveryQueries.Known known = delivered.get(i);
                    others -= known != null && known.isPending() ? 1 : 0;
                    PlannedKey planned = preview.planner()
                            .plan(
                                    entries.get(i),
                                    asked.outcomes().get(i),
                                    known,
                                    found.get(i),
                                    value -> isTaken(value, values));
                    totals.count(planned, key -> deliveries == null ? 0 : deliveries.elsewhere(key));
                }
            }
        }
        return FileNames.shown(file.toPath()) + ", what an import would do in the CRM\n"
                + totals.text(crm.gone(), crm.mostGone(), others, preview.all(), reads(crm))
                + preview.remark();
    }

    /** Whatever its case, as e-mail addresses are compared. */
    private static boolean isTaken(String value, DuplicateDetector seen) {
        UUID digest =
                UUID.nameUUIDFromBytes(value.strip().toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8));
        try {
            return seen.add(List.of(new ContactKey(digest, digest, digest)))[0];
        } catch (SQLException e) {
            throw new IllegalStateException("the e-mail addresses of the file cannot be compared", e);
        }
    }

    private static List<KeyEntry> withoutDuplicates(
            List<KeyEntry> entries, DuplicateDetector seen, PreviewTotals totals) throws SQLException {
        List<KeyEntry.Valid> valid = entries.stream()
                .filter(KeyEntry.Valid.class::isInstance)
                .map(KeyEntry.Valid.class::cast)
                .toList();
        boolean[] before = seen.add(valid.stream().map(KeyEntry.Valid::key).toList());
        List<KeyEntry> first = new ArrayList<>(entries);
        for (int i = 0; i < before.length; i++) {
            if (before[i]) {
                first.remove(valid.get(i));
                totals.add(PlannedAction.DUPLICATE, Set.of());
            }
        }
        return first;
    }

    private static Preview preview(Mapping mapping, CrmSettings crm, Database database) {
        if (database == null) {
            return Preview.of(mapping, crm, false, false);
        }
        DeliveryTargets targets = new DeliveryTargets(database, Clock.systemUTC());
        String doubt = CrmModule.requireTarget(crm, targets.of(crm.name()));
        if (doubt != null) {
            System.err.println(doubt);
        }
        String sentBy = targets.mapping(crm.name());
        return Preview.of(
                mapping,
                crm,
                sentBy != null && !sentBy.equals(mapping.hash()),
                crm.full() && targets.isFullDue(crm.name()));
    }

    private static List<KeyEntry> next(KeyFile keys, Settings settings, int most) throws IOException {
        List<KeyEntry> entries = new ArrayList<>();
        while (entries.size() < most && keys.hasNext()) {
            entries.add(keys.next().orTenant(settings.file().tenants()));
        }
        return entries;
    }

    /** Of a first preview there is no database yet, and so nothing that was delivered. */
    private static Database open(Settings settings, CrmSettings crm, BreakerRegistry breakers) {
        OAuthClient client = crm.kind().client();
        if (reads(crm) && client != null && client.grant() == OAuthClient.Grant.REFRESH_TOKEN) {
            // What follows a refresh token is kept there.
            return Database.open(settings.database(), breakers, settings.maxWait());
        }
        try {
            return Database.openToRead(settings.database(), breakers);
        } catch (ProcessingHaltedException e) {
            System.err.println("Shown without what was delivered before: " + e.getMessage());
            return null;
        }
    }
}
