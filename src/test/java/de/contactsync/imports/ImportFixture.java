package de.contactsync.imports;

import de.contactsync.model.ContactKey;
import de.contactsync.model.CustomerContact;
import de.contactsync.model.EnrichedChunk;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import de.contactsync.model.RunChunk;
import de.contactsync.model.TenantNames;
import de.contactsync.persistence.ChunkStore;
import de.contactsync.persistence.Database;
import de.contactsync.persistence.RunStore;
import de.contactsync.persistence.TestDatabase;
import de.contactsync.resilience.BreakerRegistry;
import de.contactsync.resilience.TestBreakers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** An inbox with a ledger behind it, and a JTL that is always at hand: what the routes do, step by step. */
final class ImportFixture implements AutoCloseable {

    static final UUID TENANT = UUID.fromString("0d9f4f3e-7c1b-4a58-9e36-52c1a8b7d604");

    final TestDatabase test = TestDatabase.create(TestDatabase.Kind.SQLITE);
    final RunStore runStore;
    final Path inbox;
    final List<ContactKey> asked = new ArrayList<>();
    private final ChunkStore store;
    private final FileSettings settings;
    final BreakerRegistry breakers = TestBreakers.create();
    private final AtomicLong passed = new AtomicLong();
    RunCoordinator coordinator;
    FileRunOpener runs;
    /** Heeded from the next {@link #restart} on. */
    ContactFileWriter.Format output;
    /** As {@link #output}. */
    Clock clock = Clock.systemUTC();

    FileFinalizer after;
    WatchedDirectory look;

    ImportFixture(Path inbox, int chunkSize, UUID tenant) {
        this.inbox = inbox;
        this.settings = new FileSettings(inbox, Duration.ofSeconds(5), chunkSize, TenantNames.only(tenant));
        Database database = test.open();
        runStore = test.closing(new RunStore(database, Clock.systemUTC()));
        store = new ChunkStore(database, runStore, Clock.systemUTC());
        restart();
    }

    /** As after a crash: nothing is left but the database and the files. */
    void restart() {
        look = new WatchedDirectory(inbox, settings.settle(), clock, () -> System.nanoTime() + passed.get());
        Fingerprints fingerprints = new Fingerprints();
        coordinator = new RunCoordinator(
                runStore, breakers, new RunVerifier(runStore.audit(), settings.tenants()), Duration.ofSeconds(5));
        runs = new FileRunOpener(settings, runStore, look, fingerprints, coordinator);
        after = new FileFinalizer(
                runStore,
                look,
                fingerprints,
                coordinator,
                output == null ? null : new ContactFileWriter(output, runStore.audit(), settings.tenants()));
    }

    static UUID customer(int number) {
        return new UUID(0xC0, number);
    }

    static UUID contact(int number) {
        return new UUID(0xCC, number);
    }

    /** A line of CSV without tenant. */
    static String line(int number) {
        return customer(number) + ";" + contact(number);
    }

    static String csv(int... numbers) {
        StringBuilder csv = new StringBuilder("customerId;contactId\n");
        for (int number : numbers) {
            csv.append(line(number)).append('\n');
        }
        return csv.toString();
    }

    Path drop(String name, String content) throws IOException {
        return Files.writeString(inbox.resolve(name), content);
    }

    RunExecution open(Path file) throws IOException, SQLException {
        return runs.open(file.toFile());
    }

    void passTime(Duration time) {
        passed.addAndGet(time.toNanos());
    }

    /** For how long any file has to be at rest, also one whose last line is cut off. */
    Duration rest() {
        return settings.settle().multipliedBy(3);
    }

    /** What the route opens once everything in the inbox has been at rest for long enough. */
    RunExecution openNext() {
        runs.ready();
        passTime(rest());
        return runs.openFromInbox(runs.ready().get(0));
    }

    /** The whole way of the next file of the inbox, without its move. */
    RunSummary passNext() {
        RunExecution execution = openNext();
        work(execution);
        return coordinator.finish(execution);
    }

    /** Looks at the inbox, and once more when what was seen there has been at rest. */
    List<InboxFile> lookTwice() {
        runs.ready();
        passTime(rest());
        return runs.ready();
    }

    /** The whole way without the move, of a file that was named. */
    RunSummary pass(Path file) throws IOException, SQLException {
        RunExecution execution = open(file);
        work(execution);
        return coordinator.finish(execution);
    }

    void work(Iterator<RunChunk> chunks) {
        while (chunks.hasNext()) {
            commit(chunks.next());
        }
    }

    /** Customers with a number over 900 are unknown to this JTL. */
    void commit(RunChunk chunk) {
        List<Outcome> outcomes = new ArrayList<>();
        for (KeyEntry entry : chunk.entries()) {
            if (entry instanceof KeyEntry.Valid valid) {
                asked.add(valid.key());
                outcomes.add(
                        valid.key().customerId().getLeastSignificantBits() > 900
                                ? new Outcome.Failed(Reason.NOT_FOUND, 404, "NotFound", "no such contact", null, 1)
                                : new Outcome.Found(
                                        new CustomerContact(null, null, null, "n", null, null, null, null)));
            } else if (entry instanceof KeyEntry.Invalid invalid) {
                outcomes.add(new Outcome.Failed(Reason.INVALID_KEY, null, null, invalid.problem(), null, 0));
            }
        }
        store.commit(new EnrichedChunk(chunk, outcomes));
    }

    /** Every file below the inbox, as a path relative to it; of what was taken the folder of its own is left out. */
    Set<String> files() throws IOException {
        try (Stream<Path> walk = Files.walk(inbox)) {
            Set<String> files = new TreeSet<>();
            walk.filter(Files::isRegularFile)
                    .map(file -> inbox.relativize(file).toString())
                    .filter(name -> !name.startsWith(".work/."))
                    .map(name -> name.replaceFirst("^\\.work/[^/]+/", ".work/"))
                    .forEach(files::add);
            return files;
        }
    }

    @Override
    public void close() throws Exception {
        test.close();
    }
}
