package de.contactsync.outbox;

import de.contactsync.model.ContactKey;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryBatch;
import de.contactsync.model.DeliveryReport;
import de.contactsync.model.DeliveryResult;
import de.contactsync.persistence.ChunkStore;
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
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;

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
    /** As many may be gone of a run however small, unless no share at all may be. */
    static final int FEW = 5;

    /**
     * @param delivered how often the sink accepted a contact
     * @param removed   how often it deleted or flagged one that JTL has no longer
     * @param leftOut   how often a contact was not written, as {@link DeliveryResult.LeftOut} says
     * @param withoutEmail how often it has a contact without its e-mail address, be it delivered just now or before
     * @param notThere  how often it had no record, or none of its own, of one that it was to delete or flag
     */
    public record Tally(long delivered, long refused, long removed, long withoutEmail, long leftOut, long notThere) {

        public Tally(long delivered, long refused) {
            this(delivered, refused, 0, 0);
        }

        public Tally(long delivered, long refused, long removed, long withoutEmail) {
            this(delivered, refused, removed, withoutEmail, 0, 0);
        }

        Tally plus(Tally other) {
            return new Tally(
                    delivered + other.delivered,
                    refused + other.refused,
                    removed + other.removed,
                    withoutEmail + other.withoutEmail,
                    leftOut + other.leftOut,
                    notThere + other.notThere);
        }

        public Tally minus(Tally other) {
            return new Tally(
                    delivered - other.delivered,
                    refused - other.refused,
                    removed - other.removed,
                    withoutEmail - other.withoutEmail,
                    leftOut - other.leftOut,
                    notThere - other.notThere);
        }
    }

    private final Database database;
    private final Dialect dialect;
    private final DeliveryEnqueuer marks;
    private final DeliveryTable table;
    private final String sink;
    private final Clock clock;
    private final boolean takesBack;
    private final double mostGone;
    private final AtomicReference<Tally> tally = new AtomicReference<>(new Tally(0, 0));
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
     * @param takesBack whether the sink is reported of contacts that JTL has no longer
     * @param mostGone  of the records of a run, 0 to 1: more are taken for a mistake
     */
    public Outbox(Database database, String sink, RunStore runs, Clock clock, boolean takesBack, double mostGone) {
        this.sink = sink;
        this.takesBack = takesBack;
        this.mostGone = mostGone;
        this.database = database;
        this.dialect = database.dialect();
        this.marks = new DeliveryEnqueuer(dialect, sink);
        this.table = new DeliveryTable(dialect, sink, runs);
        this.clock = clock;
        this.takeover = new ClaimTakeover(database, table, runs.owner(), runs.nanoTime());
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

    /** Within the transaction that writes the dead letters: JTL says that it does not know these. */
    @Override
    public void enqueueMissing(Connection connection, long runId, Collection<ContactKey> keys) throws SQLException {
        if (takesBack && !keys.isEmpty()) {
            table.enqueueMissing(connection, runId, keys);
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
        if (!takesBack) {
            return null;
        }
        int missing = table.countMissing(connection, runId);
        if (tooMany(missing, total, mostGone)) {
            return "JTL no longer knows " + missing + " contacts of " + total + " records that the sink " + sink
                    + " has, more than"
                    + " contacts.max-gone-share=" + Math.round(mostGone * 100)
                    + "% allows, so none was flagged or deleted. If"
                    + " they are gone, set contacts.max-gone-share=" + (missing * 100L + total - 1) / total
                    + "%; if the sink"
                    + " is to keep them, contacts.on-gone=keep; then start again. JTL is asked for all of the run"
                    + " once more,"
                    + " by a schedule also when it is next due";
        }
        return null;
    }

    /** What the run did not find is to be removed from the sink, unless these are too many to be right. */
    @Override
    public void takeBackMissing(long runId, long total) {
        if (takesBack && database.inTransaction(connection -> tooManyMissing(connection, runId, total)) == null) {
            RunRemains.takeBackMissing(database, runId, dialect.instant(clock.instant()));
            wake();
        }
    }

    /**
     * Whether so many of a run are taken for a mistake. A share such as 0.29 is a little less or more than it says.
     *
     * @param missing  that the sink has
     * @param mostGone 0 to 1
     */
    public static boolean tooMany(int missing, long total, double mostGone) {
        return missing > Math.max(mostGone * total, mostGone > 0 ? FEW : 0) + 1e-6;
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
            table.freeOwn(connection);
            List<DeliveryTable.Pending> found = table.pending(connection, most);
            boolean due = found.size() == most
                    || linger.isZero()
                    || found.stream().anyMatch(each -> hasLingered(each.since(), linger, now));
            if (!due) {
                return new DeliveryBatch(List.of(), ends);
            }
            table.claim(connection, found, dialect.instant(now));
            return new DeliveryBatch(
                    found.stream().map(DeliveryTable.Pending::delivery).toList(), ends);
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
        List<Delivery> deliveries = ordered(hashes.keySet());
        database.inTransaction(connection -> {
            table.fieldHashes(connection, deliveries, hashes);
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
            table.confirmed(connection, ordered(confirmed));
            table.unconfirmed(connection, ordered(unconfirmed.keySet()), unconfirmed);
            return null;
        });
    }

    /**
     * Claims removals once more that this process had claimed before.
     *
     * @return those that are still to be removed, and that no other process has claimed meanwhile
     */
    public List<Delivery> claimAgain(Collection<Delivery> removals) {
        Object now = dialect.instant(clock.instant());
        return database.inTransaction(connection -> table.claimAgain(connection, ordered(removals), now));
    }

    private static List<Delivery> ordered(Collection<Delivery> deliveries) {
        return deliveries.stream()
                .sorted(Comparator.comparing(Delivery::key, ChunkStore.ORDER))
                .toList();
    }

    @Override
    public Optional<String> awaitedAnswer() {
        String why = confirmationAway ? null : database.inTransaction(table::onlyUnconfirmed);
        return Optional.ofNullable(why)
                .map(answer -> "contacts are removed only once JTL confirms that it does not have them; of the last one"
                        + " it said: " + answer);
    }

    /**
     * Writes down what the sink said. What it was sent that changed meanwhile stays pending, as does what is unsent.
     */
    public void recordResults(DeliveryReport sent) {
        Object now = dialect.instant(clock.instant());
        List<Integer> order = IntStream.range(0, sent.receipts().size())
                .boxed()
                .sorted(Comparator.comparing(
                        i -> sent.batch().deliveries().get(i).key(), ChunkStore.ORDER))
                .toList();
        Tally settled = database.inTransaction(connection -> {
            long delivered = 0;
            long removed = 0;
            long refused = 0;
            long withoutEmail = 0;
            long leftOut = 0;
            long notThere = 0;
            table.fieldHashes(
                    connection,
                    order.stream().map(i -> sent.batch().deliveries().get(i)).toList(),
                    sent.fieldHashes());
            // One contact under two customers is one record.
            Set<String> counted = new HashSet<>();
            // All of a batch as a rule; not past one of the others, which would change the order of the locks.
            List<DeliveryTable.Taken> taken = new ArrayList<>();
            for (int i : order) {
                Delivery delivery = sent.batch().deliveries().get(i);
                DeliveryResult result = sent.receipts().get(i);
                if (isTaken(result) && delivery.gone()) {
                    delivered += table.accepted(connection, taken, counted, now);
                    taken.clear();
                    boolean done = result instanceof DeliveryResult.Accepted;
                    int updated = table.removed(connection, delivery, done ? now : null);
                    removed += done ? updated : 0;
                    notThere += done ? 0 : updated;
                    continue;
                }
                if (result instanceof DeliveryResult.Accepted accepted) {
                    taken.add(new DeliveryTable.Taken(delivery, accepted.remoteId()));
                    continue;
                }
                delivered += table.accepted(connection, taken, counted, now);
                taken.clear();
                if (result instanceof DeliveryResult.LeftOut left) {
                    leftOut += table.leftOut(connection, delivery, left.text(), counted);
                } else if (result instanceof DeliveryResult.Refused refusal) {
                    refused += table.refused(connection, delivery, refusal.why(), now);
                } else if (result instanceof DeliveryResult.Unlinked unlinked) {
                    refused += table.unlinked(connection, delivery, unlinked, now);
                } else if (result instanceof DeliveryResult.WithoutEmail without) {
                    int updated = table.withoutEmail(connection, delivery, without, now);
                    withoutEmail += updated;
                    delivered += delivery.lacksOnlyEmail() ? 0 : updated;
                }
            }
            delivered += table.accepted(connection, taken, counted, now);
            table.untried(
                    connection,
                    order.stream()
                            .filter(i ->
                                    sent.receipts().get(i) instanceof DeliveryResult.Unsent unsent && !unsent.tried())
                            .map(i -> sent.batch().deliveries().get(i))
                            .toList());
            table.setAside(connection, ordered(sent.setAside()));
            table.freeOwn(connection);
            return new Tally(delivered, refused, removed, withoutEmail, leftOut, notThere);
        });
        tally.accumulateAndGet(settled, Tally::plus);
    }

    private static boolean isTaken(DeliveryResult result) {
        return result instanceof DeliveryResult.Accepted || result instanceof DeliveryResult.Absent;
    }

    @Override
    public void release() {
        database.inTransaction(connection -> {
            table.freeOwn(connection);
            return null;
        });
    }

    @Override
    public boolean isEmpty(DeliveryBatch batch) {
        return batch.deliveries().isEmpty();
    }

    @Override
    public long pending() {
        return database.inTransaction(table::countPending);
    }

    /** Since when the oldest has been waiting, however often it was tried; null when nothing waits. */
    public Instant oldestPending() {
        return database.inTransaction(table::oldestPending);
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
    public Tally tally() {
        return tally.get();
    }
}
