package de.contactsync.outbox;

import de.contactsync.model.DeliveryBatch;
import de.contactsync.model.DeliveryReport;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import de.contactsync.persistence.ChunkFixture;
import de.contactsync.persistence.ChunkStore;
import de.contactsync.persistence.Database;
import de.contactsync.persistence.RunLease;
import de.contactsync.persistence.RunStore;
import de.contactsync.persistence.SettableClock;
import de.contactsync.persistence.TestDatabase;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.Parameter;

/** An outbox that is filled through a {@link ChunkStore}, on either database. */
public abstract class OutboxFixture {

    @Parameter
    public TestDatabase.Kind kind;

    public final SettableClock clock = new SettableClock("2026-03-01T10:00:00.250Z");
    public TestDatabase test;
    public Database database;
    public RunStore runs;
    Outbox outbox;
    public ChunkStore store;
    public long run;
    public int chunk;
    private int others;

    @BeforeEach
    void begin_a_run() {
        test = TestDatabase.create(kind);
        database = test.open();
        runs = test.closing(new RunStore(database, clock));
        outbox = new Outbox(database, "crm", runs, clock);
        store = new ChunkStore(database, runs, clock, outbox);
        run = ((RunLease.Granted) runs.claim("file", "keys.csv", "hash", 500))
                .run()
                .id();
    }

    @AfterEach
    void close() throws Exception {
        test.close();
    }

    public void named(int number, String lastName) {
        store.commit(ChunkFixture.found(run, chunk++, ChunkFixture.key(number), ChunkFixture.named(lastName)));
    }

    public DeliveryBatch claim(int most) {
        return outbox.claim(most, Duration.ZERO);
    }

    /** Of another process, elsewhere. */
    Outbox another() {
        RunStore theirs = test.closing(new RunStore(database, clock, System::nanoTime, "elsewhere/" + ++others + "/1"));
        return new Outbox(database, "crm", theirs, clock);
    }

    public static List<String> names(DeliveryBatch batch) {
        return batch.deliveries().stream()
                .map(delivery -> delivery.contact().lastName())
                .toList();
    }

    public void recordResults(DeliveryBatch batch, DeliveryResult... receipts) {
        outbox.recordResults(new DeliveryReport(batch, List.of(receipts)));
    }

    public static DeliveryResult accepted(String remoteId) {
        return new DeliveryResult.Accepted(remoteId);
    }

    public static DeliveryResult refused() {
        return new DeliveryResult.Refused(
                new Outcome.Failed(Reason.SINK_REJECTED, 400, "VALIDATION_ERROR", "refused", null, 1));
    }
}
