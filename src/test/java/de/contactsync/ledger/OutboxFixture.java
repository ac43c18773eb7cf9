package de.contactsync.ledger;

import de.contactsync.contact.DeliveryBatch;
import de.contactsync.contact.Outcome;
import de.contactsync.contact.Reason;
import de.contactsync.contact.Receipt;
import de.contactsync.contact.SentBatch;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.Parameter;

/** An outbox that is filled through a {@link ChunkStore}, on either database. */
abstract class OutboxFixture {

    @Parameter
    TestDatabase.Kind kind;

    final SettableClock clock = new SettableClock("2026-03-01T10:00:00.250Z");
    TestDatabase test;
    Database database;
    RunLedger ledger;
    Outbox outbox;
    ChunkStore store;
    long run;
    int chunk;
    private int others;

    @BeforeEach
    void begin_a_run() {
        test = TestDatabase.create(kind);
        database = test.open();
        ledger = test.closing(new RunLedger(database, clock));
        outbox = new Outbox(database, "crm", ledger, clock);
        store = new ChunkStore(database, ledger, clock, outbox);
        run = ((Claim.Granted) ledger.claim("file", "keys.csv", "hash", 500)).run().id();
    }

    @AfterEach
    void close() throws Exception {
        test.close();
    }

    void named(int number, String lastName) {
        store.commit(Chunks.found(run, chunk++, Chunks.key(number), Chunks.named(lastName)));
    }

    DeliveryBatch claim(int most) {
        return outbox.claim(most, Duration.ZERO);
    }

    /** Of another process, elsewhere. */
    Outbox another() {
        RunLedger theirs = test.closing(
                new RunLedger(database, clock, System::nanoTime, "elsewhere/" + ++others + "/1"));
        return new Outbox(database, "crm", theirs, clock);
    }

    static List<String> names(DeliveryBatch batch) {
        return batch.deliveries().stream().map(delivery -> delivery.contact().lastName()).toList();
    }

    void settle(DeliveryBatch batch, Receipt... receipts) {
        outbox.settle(new SentBatch(batch, List.of(receipts)));
    }

    static Receipt accepted(String remoteId) {
        return new Receipt.Accepted(remoteId);
    }

    static Receipt refused() {
        return new Receipt.Refused(
                new Outcome.Failed(Reason.SINK_REJECTED, 400, "VALIDATION_ERROR", "refused", null, 1));
    }
}
