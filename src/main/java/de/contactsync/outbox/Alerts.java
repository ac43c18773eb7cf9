package de.contactsync.outbox;

import de.contactsync.outbox.Alert.Severity;
import de.contactsync.outbox.AlertConditions.Id;
import de.contactsync.outbox.AlertConditions.Standing;
import de.contactsync.persistence.Database;
import de.contactsync.persistence.Dialect;
import de.contactsync.persistence.Run;
import de.contactsync.persistence.RunListener;
import de.contactsync.persistence.RunStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;

/**
 * What people are notified of, in the tables {@code alert} and {@code alert_condition}: each event once, a condition when
 * it begins and when it has ended, whatever is restarted meanwhile. The {@link Channel}s pass it on. Thread-safe.
 */
public final class Alerts implements RunListener {

    private static final String HALTED = "run-halted";
    private static final String DEAD_LETTERS = "dead-letters";

    private static final Duration RENEWAL = Duration.ofMinutes(1);

    private final Database database;
    private final Dialect dialect;
    private final Clock clock;
    private final String owner;
    private final AlertTable table;
    private final AlertConditions conditions;
    private final double mostDeadLetters;
    private final Duration patience;
    private final ClaimTakeover takeover;

    /**
     * @param channels        by which people are notified
     * @param mostDeadLetters share of a run's records, 0 to 1: beyond it people are notified
     * @param patience        how long a run may be halted, where it goes on by itself
     */
    public Alerts(
            Database database,
            RunStore runs,
            Clock clock,
            List<String> channels,
            double mostDeadLetters,
            Duration patience) {
        this.database = database;
        this.dialect = database.dialect();
        this.clock = clock;
        this.owner = runs.owner();
        this.table = new AlertTable(dialect, clock, channels);
        this.mostDeadLetters = mostDeadLetters;
        this.patience = patience;
        this.conditions = new AlertConditions(dialect, owner);
        this.takeover = new ClaimTakeover(database, conditions, owner, runs.nanoTime());
    }

    @Override
    public void finished(Connection connection, Run run) throws SQLException {
        endHalted(connection, new Id(HALTED, subject(run)));
        long total = run.totals().accepted();
        if (run.deadLetters() > mostDeadLetters * total && table.isNew(connection, DEAD_LETTERS, subject(run))) {
            table.write(
                    connection,
                    new Alert(
                            DEAD_LETTERS,
                            subject(run),
                            Severity.WARNING,
                            "The run of " + run.fileName() + " has finished, and " + run.deadLetters() + " of its "
                                    + total + " records became dead letters (" + run.notFound() + " not found, "
                                    + run.rejected() + " rejected, " + run.invalid() + " not a key, " + run.failed()
                                    + " failed). The table dead_letter says why; \"replay\" tries them again."));
        }
    }

    @Override
    public void halted(Connection connection, Run run) throws SQLException {
        begin(
                connection,
                new Alert(
                        HALTED,
                        subject(run),
                        Severity.ERROR,
                        "The run of " + run.fileName() + " has halted after " + run.done() + " records: "
                                + Alert.withoutQuotes(run.haltReason())
                                + " Nothing is lost: it resumes where it stopped once that is resolved."),
                null,
                patience.isZero() || run.haltedAtEnd());
    }

    private static String subject(Run run) {
        return "run " + run.id();
    }

    /**
     * People are notified of what is wrong and was not before, and of what has ended. What another process sees as well, or
     * alone, is left to it.
     *
     * @param current all that is wrong now as this process sees it
     * @param ended   what people are told of the end of what is wrong with a subject; null while this process has not
     *                seen the end: one that has just been started, or no longer has to do with it, sees nothing wrong either
     */
    public void update(Collection<Alert> current, UnaryOperator<String> ended) {
        takeover.takeOver();
        database.inTransaction(connection -> {
            Map<Id, Standing> standing = conditions.standing(connection);
            Instant now = clock.instant();
            for (Alert alert : current) {
                Id id = Id.of(alert);
                Standing known = standing.remove(id);
                if (known == null) {
                    begin(connection, alert, owner, true);
                } else if (known.holder() == null || known.holder().equals(owner) && isDue(known.renewedAt(), now)) {
                    conditions.hold(connection, id, now);
                }
            }
            for (Map.Entry<Id, Standing> each : standing.entrySet()) {
                Id id = each.getKey();
                String holder = each.getValue().holder();
                if (id.kind().equals(HALTED)) {
                    updateHalted(connection, id, each.getValue(), now);
                } else if (holder == null || holder.equals(owner)) {
                    String text = ended.apply(id.subject());
                    if (text != null) {
                        end(connection, id, text);
                    }
                }
            }
            return null;
        });
    }

    /** One that nobody has mended for a while, or nobody has to any longer. */
    private void updateHalted(Connection connection, Id id, Standing standing, Instant now) throws SQLException {
        Run.State state = stateOfOpenRun(connection, id);
        if (state == null) {
            endHalted(connection, id);
        } else if (!standing.reported()
                && state == Run.State.HALTED
                && !standing.since().plus(patience).isAfter(now)
                && conditions.report(connection, id, now)) {
            table.write(connection, new Alert(id.kind(), id.subject(), Severity.ERROR, standing.text()));
        }
    }

    private void begin(Connection connection, Alert alert, String holder, boolean report) throws SQLException {
        if (conditions.begin(connection, alert, holder, clock.instant(), report) && report) {
            table.write(connection, alert);
        }
    }

    private void endHalted(Connection connection, Id id) throws SQLException {
        end(connection, id, wellAgain(id.subject() + " is no longer halted"));
    }

    private void end(Connection connection, Id id, String text) throws SQLException {
        if (conditions.end(connection, id)) {
            table.end(connection, new Alert(id.kind(), id.subject(), Severity.INFO, text));
        }
    }

    public static String wellAgain(String what) {
        return "All well again: " + what + ".";
    }

    private static boolean isDue(Instant renewedAt, Instant now) {
        return renewedAt.isAfter(now) || !renewedAt.plus(RENEWAL).isAfter(now);
    }

    /** Deletes what people were notified of long ago. */
    public void forget() {
        database.inTransaction(connection -> {
            table.forget(connection);
            return null;
        });
    }

    /** Passes on to one receiver what people are to be notified of. @param rests whether nothing is to be for now */
    public static Channel<Map<String, Object>> channel(
            Database database, RunStore runs, Clock clock, String name, BooleanSupplier rests) {
        return AlertTable.channel(database, runs, clock, name, rests);
    }

    /** An alert as Camel users know it. */
    public static Map<String, Object> event(Alert alert, Instant raisedAt) {
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("severity", alert.severity().code());
        event.put("kind", alert.kind());
        event.put("subject", alert.subject());
        event.put("text", alert.text());
        event.put("raisedAt", raisedAt.toString());
        return event;
    }

    /**
     * When a key arrived last in any process; when this was first asked, where none has since.
     *
     * @param now whether one has in this process since it was last asked
     */
    public Instant lastArrival(boolean now) {
        return database.inTransaction(connection -> {
            try (PreparedStatement statement =
                    connection.prepareStatement("INSERT INTO last_arrival (id, at) VALUES (1, ?) ON CONFLICT (id) DO "
                            + (now ? "UPDATE SET at = excluded.at" : "NOTHING"))) {
                statement.setObject(1, dialect.instant(clock.instant()));
                statement.executeUpdate();
            }
            try (PreparedStatement statement = connection.prepareStatement("SELECT at FROM last_arrival");
                    ResultSet row = statement.executeQuery()) {
                row.next();
                return dialect.instant(row, 1);
            }
        });
    }

    /** Null when nobody works on it or will. */
    private static Run.State stateOfOpenRun(Connection connection, Id id) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT state FROM import_run WHERE id = ? AND closed_at IS NULL AND state <> 'finished'")) {
            statement.setLong(
                    1, Long.parseLong(id.subject().substring(id.subject().indexOf(' ') + 1)));
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? Run.State.valueOf(row.getString(1).toUpperCase(Locale.ROOT)) : null;
            }
        }
    }
}
