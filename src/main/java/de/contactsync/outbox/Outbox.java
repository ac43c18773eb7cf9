package de.contactsync.outbox;

import de.contactsync.model.ContactKey;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryBatch;
import de.contactsync.model.DeliveryReport;
import de.contactsync.persistence.ContactTable;
import de.contactsync.persistence.Database;
import de.contactsync.persistence.Dialect;
import de.contactsync.persistence.OutboxWriter;
import de.contactsync.persistence.RunRemains;
import de.contactsync.persistence.RunStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What waits to be sent to one sink: its rows of the table {@code delivery}. A contact gets in together with its chunk,
 * when it differs from what the sink is to have; it is claimed by one process, sent, and recorded by what the sink
 * said. What was claimed by a process that is gone, or has not been recorded for {@link #LEASE}, is claimed again: so a
 * contact may be sent twice, and a sink must not mind. Thread-safe.
 */
public final class Outbox implements OutboxWriter, Backlog<DeliveryBatch> {

    /** For how long another process must see the same claim, by its own monotonic clock, before it takes it over. */
    static final Duration LEASE = Duration.ofMinutes(10);
    /** Of it for the one who holds it. */
    private static final Duration MAY_SEND = Duration.ofMinutes(5);

    private final Database database;
    private final Dialect dialect;
    private final DeliveryEnqueuer marks;
    private final DeliveryClaims claims;
    private final Removals removals;
    private final DeliveryRecorder recorder;
    private final Clock clock;
    private final boolean removesGone;
    private final AtomicReference<DeliveryCounts> counts = new AtomicReference<>(DeliveryCounts.NONE);
    private final AtomicLong unchanged = new AtomicLong();
    private final ClaimTakeover takeover;
    private final WorkSignal work = new WorkSignal();
    /** Whether the last removals could not be confirmed for what passes. */
    private volatile boolean confirmationAway;

    /** For a sink that keeps what JTL has no longer. */
    public Outbox(Database database, String sink, RunStore runs, Clock clock) {
        this(database, sink, runs, clock, false, 0);
    }

    /**
     * @param sink      as the column {@code sink} has it
     * @param removesGone whether the sink is to remove contacts that JTL has no longer
     * @param mostGone  of the records of a run, 0 to 1: more are taken for a mistake
     */
    public Outbox(Database database, String sink, RunStore runs, Clock clock, boolean removesGone, double mostGone) {
        this.removesGone = removesGone;
        this.database = database;
        this.dialect = database.dialect();
        this.marks = new DeliveryEnqueuer(dialect, sink);
        DeliveryRows rows = new DeliveryRows(dialect, sink, runs.owner());
        this.claims = new DeliveryClaims(rows);
        this.removals = new Removals(rows, mostGone);
        this.recorder = new DeliveryRecorder(rows, new DeliveryDeadLetters(dialect, sink, runs));
        this.clock = clock;
        this.takeover = new ClaimTakeover(database, claims, runs.owner(), runs.nanoTime());
    }

    /**
     * Within the transaction that writes the contacts.
     *
     * @return how many of them are not as the sink is to have them
     */
    @Override
    public int enqueue(Connection connection, Collection<ContactKey> keys, Object now) throws SQLException {
        return marks.enqueue(connection, keys, now);
    }

    /** @param unchanged of the contacts that were stored: those that need not be sent */
    @Override
    public void committed(int unchanged) {
        this.unchanged.addAndGet(unchanged);
        wake();
    }

    @Override
    public boolean removesGone() {
        return removesGone;
    }

    @Override
    public void enqueueMissing(Connection connection, long runId, Collection<ContactKey> keys) throws SQLException {
        if (!keys.isEmpty()) {
            removals.enqueue(connection, runId, keys);
        }
    }

    /**
     * Within the transaction that ends the run.
     *
     * @param total records of the run
     * @return null, or what to do when it did not find too many to be right
     */
    @Override
    public String tooManyMissing(Connection connection, long runId, long total) throws SQLException {
        return removesGone ? removals.tooMany(connection, runId, total) : null;
    }

    /** What the run did not find is to be removed from the sink, unless these are too many to be right. */
    @Override
    public void removeMissing(long runId, long total) {
        if (removesGone && database.inTransaction(connection -> tooManyMissing(connection, runId, total)) == null) {
            RunRemains.removeMissing(database, runId, dialect.instant(clock.instant()));
            wake();
        }
    }

    @Override
    public void wake() {
        work.give();
    }

    @Override
    public void awaitWork(Duration most) throws InterruptedException {
        work.await(most);
    }

    /** All contacts there are shall be sent, whatever the sink has. Page by page: what is cut off is restarted. */
    public void enqueueAll() {
        enqueueAll(false);
    }

    /**
     * @param forgetIds whether the sink is to look for their records instead of trusting the ids that are remembered
     */
    public void enqueueAll(boolean forgetIds) {
        Object now = dialect.instant(clock.instant());
        ContactKey page = ContactTable.BEFORE_ALL;
        while (page != null) {
            ContactKey behind = page;
            page = database.inTransaction(connection -> marks.enqueuePage(connection, behind, forgetIds, now));
            wake();
        }
    }

    @Override
    public DeliveryBatch claim(int most, Duration linger) {
        takeover.takeOver();
        Instant now = clock.instant();
        long ends = System.nanoTime() + MAY_SEND.toNanos();
        return database.inTransaction(connection -> {
            claims.freeOwn(connection);
            List<DeliveryClaims.Pending> found = claims.pending(connection, most);
            boolean due = found.size() == most
                    || linger.isZero()
                    || found.stream().anyMatch(each -> hasLingered(each.since(), linger, now));
            if (!due) {
                return new DeliveryBatch(List.of(), ends);
            }
            claims.claim(connection, found, dialect.instant(now));
            return new DeliveryBatch(
                    found.stream().map(DeliveryClaims.Pending::delivery).toList(), ends);
        });
    }

    /** One that waits since a time that is yet to come was marked while a clock was ahead. */
    private static boolean hasLingered(Instant since, Duration linger, Instant now) {
        return since.isAfter(now) || !since.plus(linger).isAfter(now);
    }

    /**
     * Before the sink is called, whose answer may be lost.
     *
     * @param hashes as of {@link Delivery#fieldHashes}
     */
    public void noteAttempts(Map<Delivery, String> hashes) {
        List<Delivery> deliveries = DeliveryRecorder.ordered(hashes.keySet());
        database.inTransaction(connection -> {
            claims.fieldHashes(connection, deliveries, hashes);
            return null;
        });
    }

    /**
     * Writes down which of the removals of a batch JTL has confirmed, and gives back the others.
     *
     * @param unconfirmed with what JTL said instead, for people
     * @param away        whether JTL could not be asked for some of them, so that it is worth waiting for
     */
    public void recordConfirmations(Collection<Delivery> confirmed, Map<Delivery, String> unconfirmed, boolean away) {
        confirmationAway = away;
        database.inTransaction(connection -> {
            removals.confirmed(connection, DeliveryRecorder.ordered(confirmed));
            removals.unconfirmed(connection, DeliveryRecorder.ordered(unconfirmed.keySet()), unconfirmed);
            return null;
        });
    }

    /**
     * Claims removals once more that this process had claimed before.
     *
     * @return those that are still to be removed, and that no other process has claimed meanwhile
     */
    public List<Delivery> claimAgain(Collection<Delivery> claimed) {
        Object now = dialect.instant(clock.instant());
        return database.inTransaction(
                connection -> removals.claimAgain(connection, DeliveryRecorder.ordered(claimed), now));
    }

    @Override
    public Optional<String> awaitedAnswer() {
        String why = confirmationAway ? null : database.inTransaction(removals::onlyUnconfirmed);
        return Optional.ofNullable(why)
                .map(answer -> "contacts are removed only once JTL confirms that it does not have them; of the last one"
                        + " it said: " + answer);
    }

    /**
     * Writes down what the sink said. What it was sent that changed meanwhile stays pending, as does what is unsent.
     */
    public void recordResults(DeliveryReport sent) {
        Object now = dialect.instant(clock.instant());
        DeliveryCounts added = database.inTransaction(connection -> {
            claims.fieldHashes(connection, DeliveryRecorder.ordered(sent.batch().deliveries()), sent.fieldHashes());
            DeliveryCounts recorded = recorder.record(connection, sent, now);
            claims.freeOwn(connection);
            return recorded;
        });
        counts.accumulateAndGet(added, DeliveryCounts::plus);
    }

    @Override
    public void release() {
        database.inTransaction(connection -> {
            claims.freeOwn(connection);
            return null;
        });
    }

    @Override
    public boolean isEmpty(DeliveryBatch batch) {
        return batch.deliveries().isEmpty();
    }

    @Override
    public long pending() {
        return database.inTransaction(claims::countPending);
    }

    /** Since when the oldest has been waiting, however often it was tried; null when nothing waits. */
    public Instant oldestPending() {
        return database.inTransaction(claims::oldestPending);
    }

    @Override
    public String whyHeld(long left) {
        String holders = takeover.holders();
        return left + " contacts wait that this process cannot send: "
                + (holders.isEmpty()
                        ? "the table contact does not have them any more, so delete their rows in the table delivery"
                        : holders);
    }

    /** Contacts that this process has stored so far as the sink has them, or is to have them, already. */
    public long unchanged() {
        return unchanged.get();
    }

    @Override
    public DeliveryCounts counts() {
        return counts.get();
    }
}
