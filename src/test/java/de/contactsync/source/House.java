package de.contactsync.source;

import de.contactsync.contact.RunChunk;
import de.contactsync.contact.ContactKey;
import de.contactsync.contact.CustomerContact;
import de.contactsync.contact.EnrichedChunk;
import de.contactsync.contact.KeyEntry;
import de.contactsync.contact.Outcome;
import de.contactsync.contact.Reason;
import de.contactsync.ledger.ChunkStore;
import de.contactsync.ledger.Database;
import de.contactsync.ledger.RunLedger;
import de.contactsync.ledger.TestDatabase;
import de.contactsync.outage.Breakers;
import de.contactsync.outage.TestBreakers;
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
final class House implements AutoCloseable {

    static final UUID TENANT = UUID.fromString("0d9f4f3e-7c1b-4a58-9e36-52c1a8b7d604");

    final TestDatabase test = TestDatabase.create(TestDatabase.Kind.SQLITE);
    final RunLedger ledger;
    final Path inbox;
    final List<ContactKey> asked = new ArrayList<>();
    private final ChunkStore store;
    private final FileSettings settings;
    final Breakers breakers = TestBreakers.create();
    private final AtomicLong passed = new AtomicLong();
    Passes passes;
    FileRuns runs;
    /** Heeded from the next {@link #restart} on. */
    ContactFile.Format output;
    Settlement after;
    Inbox look;

    House(Path inbox, int chunkSize, UUID tenant) {
        this.inbox = inbox;
        this.settings = new FileSettings(inbox, Duration.ofSeconds(5), chunkSize, tenant);
        Database database = test.open();
        ledger = test.closing(new RunLedger(database, Clock.systemUTC()));
        store = new ChunkStore(database, ledger, Clock.systemUTC());
        restart();
    }

    /** As after a crash: nothing is left but the database and the files. */
    void restart() {
        look = new Inbox(inbox, settings.settle(), Clock.systemUTC(), () -> System.nanoTime() + passed.get());
        Fingerprints fingerprints = new Fingerprints();
        passes = new Passes(ledger, breakers, new Verifier(ledger.evidence(), settings.tenantId()),
                Duration.ofSeconds(5));
        runs = new FileRuns(settings, ledger, look, fingerprints, passes);
        after = new Settlement(ledger, look, fingerprints, passes, output == null ? null
                : new ContactFile(output, ledger.evidence(), settings.tenantId()));
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

    Pass open(Path file) throws IOException, SQLException {
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
    Pass openNext() {
        runs.ready();
        passTime(rest());
        return runs.openFromInbox(runs.ready().get(0));
    }

    /** The whole way of the next file of the inbox, without its move. */
    RunSummary passNext() {
        Pass pass = openNext();
        work(pass);
        return passes.finish(pass);
    }

    /** Looks at the inbox, and once more when what was seen there has been at rest. */
    List<InboxFile> lookTwice() {
        runs.ready();
        passTime(rest());
        return runs.ready();
    }

    /** The whole way without the move, of a file that was named. */
    RunSummary pass(Path file) throws IOException, SQLException {
        Pass pass = open(file);
        work(pass);
        return passes.finish(pass);
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
                outcomes.add(valid.key().customerId().getLeastSignificantBits() > 900
                        ? new Outcome.Failed(Reason.NOT_FOUND, 404, "NotFound", "no such contact", null, 1)
                        : new Outcome.Found(new CustomerContact(null, null, null, "n", null, null, null, null)));
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
                    .filter(name -> !name.startsWith(".work/.moved/"))
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
