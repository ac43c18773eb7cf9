package de.contactsync.command;

import de.contactsync.contact.RunChunk;
import de.contactsync.contact.ContactKey;
import de.contactsync.contact.EnrichedChunk;
import de.contactsync.contact.HaltException;
import de.contactsync.contact.KeyEntry;
import de.contactsync.crm.CrmSettings;
import de.contactsync.crm.Mapping;
import de.contactsync.keys.KeyFile;
import de.contactsync.keys.UnreadableKeyFileException;
import de.contactsync.ledger.Database;
import de.contactsync.ledger.Deliveries;
import de.contactsync.outage.Breakers;
import java.io.File;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "preview",
        description = "Shows for the first keys of a file what the CRM would be sent; asks JTL, sends and writes nothing.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
final class PreviewCommand implements Callable<Integer> {

    private static final int MOST = 1_000;

    @Parameters(paramLabel = "FILE", description = "CSV, JSON Lines or JSON, also gzipped.")
    private File file;

    @Option(names = "--limit", paramLabel = "N", defaultValue = "10",
            description = "keys to show, 1 to " + MOST + " (${DEFAULT-VALUE})")
    private int limit;

    @Override
    public Integer call() throws Exception {
        ImportCommand.requireReadable(List.of(file));
        if (limit < 1 || limit > MOST) {
            throw new ConfigurationException(List.of("--limit is " + limit + ": expected 1 to " + MOST));
        }
        Settings settings = Settings.loadWithoutCredentials();
        CrmSettings crm = settings.crmForPreview();
        Mapping mapping = CrmHouse.mapping(crm);
        List<KeyEntry> entries = keys(settings.file().tenantId());
        EnrichedChunk asked = ask(settings, entries);
        PreviewText text = new PreviewText(mapping, crm);
        Breakers breakers = new Breakers(Clock.systemUTC(), System::nanoTime, settings.jtl().refusalPause());
        try (Database database = openIfThere(settings, breakers)) {
            Deliveries deliveries = database == null ? null : new Deliveries(database, crm.name());
            for (int i = 0; i < entries.size(); i++) {
                ContactKey key = entries.get(i) instanceof KeyEntry.Valid valid ? valid.key() : null;
                System.out.println(text.of(entries.get(i), asked.outcomes().get(i),
                        key == null || deliveries == null ? null : deliveries.of(key).orElse(null)));
            }
        }
        return ExitCode.ALL_STORED;
    }

    private static EnrichedChunk ask(Settings settings, List<KeyEntry> entries) throws Exception {
        try (Application application = Application.start(settings.withoutSinks())) {
            return application.enrich(new RunChunk(0, 0, entries, 0));
        }
    }

    /** Of a first preview there is no database yet, and so nothing that was delivered. */
    private static Database openIfThere(Settings settings, Breakers breakers) {
        try {
            return Database.openToRead(settings.database(), breakers);
        } catch (HaltException e) {
            System.err.println("Shown without what was delivered before: " + e.getMessage());
            return null;
        }
    }

    private List<KeyEntry> keys(UUID tenantId) throws IOException {
        List<KeyEntry> entries = new ArrayList<>();
        try (KeyFile keys = KeyFile.open(file.toPath())) {
            while (entries.size() < limit && keys.hasNext()) {
                entries.add(keys.next().orTenant(tenantId));
            }
        } catch (UnreadableKeyFileException e) {
            throw new ConfigurationException(List.of(file + ": " + e.getMessage()));
        }
        return entries;
    }
}
