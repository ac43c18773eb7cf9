package de.contactsync.outbox;

import de.contactsync.outbox.Alert.Severity;
import de.contactsync.persistence.Database;
import de.contactsync.persistence.Dialect;
import de.contactsync.persistence.Run;
import de.contactsync.persistence.RunListener;
import de.contactsync.persistence.RunStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * What people are notified of, in the tables {@code alert} and {@code alert_condition}: each event once, a condition when
 * it begins and when it has ended, whatever is restarted meanwhile. The {@link Channel}s pass it on. Thread-safe.
 */
public final class Alerts implements RunListener {

    private static final String HALTED = "run-halted";
    private static final String DEAD_LETTERS = "dead-letters";

    private static final Duration RENEWAL = Duration.ofMinutes(1);

    private record Id(String kind, String subject) {}

    /**
     * @param holder the process that sees it; null when none does any longer
     * @param reported whether people were notified
     */
    private record Standing(String holder, Instant renewedAt, Instant since, String text, boolean reported) {}

    private final Database database;
    private final Dialect dialect;
    private final Clock clock;
    private final String owner;
    private final AlertTable table;
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
        this.takeover = new ClaimTakeover(database, new ConditionClaims(), owner, runs.nanoTime());
    }

    @Override
    public void finished(Connection connection, Run run) throws SQLException {
        end(connection, new Id(HALTED, subject(run)));
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
                                + " Nothing is lost: it goes on where it stopped once that is mended."),
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
     * @param isWell  whether this process has seen that all is well with a subject: one that has just been started, or no
     *                longer has to do with it, sees nothing wrong either
     */
    public void update(Collection<Alert> current, Predicate<String> isWell) {
        takeover.takeOver();
        database.inTransaction(connection -> {
            Map<Id, Standing> standing = standing(connection);
            Instant now = clock.instant();
            for (Alert alert : current) {
                Id id = new Id(alert.kind(), alert.subject());
                Standing known = standing.remove(id);
                if (known == null) {
                    begin(connection, alert, owner, true);
                } else if (known.holder == null || known.holder.equals(owner) && isDue(known.renewedAt, now)) {
                    hold(connection, id, now);
                }
            }
            for (Map.Entry<Id, Standing> each : standing.entrySet()) {
                boolean ours = each.getValue().holder == null || owner.equals(each.getValue().holder);
                if (each.getKey().kind.equals(HALTED)) {
                    updateHalted(connection, each.getKey(), each.getValue(), now);
                } else if (ours && isWell.test(each.getKey().subject)) {
                    end(connection, each.getKey());
                }
            }
            return null;
        });
    }

    /** One that nobody has mended for a while, or nobody has to any longer. */
    private void updateHalted(Connection connection, Id id, Standing standing, Instant now) throws SQLException {
        Run.State state = stateOfOpenRun(connection, id);
        if (state == null) {
            end(connection, id);
        } else if (!standing.reported
                && state == Run.State.HALTED
                && !standing.since.plus(patience).isAfter(now)) {
            try (PreparedStatement statement = connection.prepareStatement(
                    "UPDATE alert_condition SET told_at = ? WHERE kind = ? AND subject = ? AND told_at IS NULL")) {
                statement.setObject(1, dialect.instant(now));
                statement.setString(2, id.kind);
                statement.setString(3, id.subject);
                if (statement.executeUpdate() == 1) {
                    table.write(connection, new Alert(id.kind, id.subject, Severity.ERROR, standing.text));
                }
            }
        }
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

    /** @param now whether people are notified now; otherwise when it has not ended after a while */
    private void begin(Connection connection, Alert alert, String holder, boolean now) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("INSERT INTO alert_condition (kind, subject,"
                + " text, since, told_at, claimed_by, claimed_at) VALUES (?, ?, ?, ?, ?, ?, ?)"
                + " ON CONFLICT (kind, subject) DO NOTHING")) {
            Object at = dialect.instant(clock.instant());
            statement.setString(1, alert.kind());
            statement.setString(2, alert.subject());
            statement.setString(3, alert.text());
            statement.setObject(4, at);
            statement.setObject(
                    5, now ? at : null, dialect == Dialect.SQLITE ? Types.VARCHAR : Types.TIMESTAMP_WITH_TIMEZONE);
            statement.setString(6, holder);
            statement.setObject(7, at);
            if (statement.executeUpdate() == 1 && now) {
                table.write(connection, alert);
            }
        }
    }

    private void hold(Connection connection, Id id, Instant now) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "UPDATE alert_condition SET claimed_by = ?, claimed_at = ? WHERE kind = ? AND subject = ?")) {
            statement.setString(1, owner);
            statement.setObject(2, dialect.instant(now));
            statement.setString(3, id.kind);
            statement.setString(4, id.subject);
            statement.executeUpdate();
        }
    }

    private void end(Connection connection, Id id) throws SQLException {
        Standing standing = standing(connection).get(id);
        try (PreparedStatement statement =
                connection.prepareStatement("DELETE FROM alert_condition WHERE kind = ? AND subject = ?")) {
            statement.setString(1, id.kind);
            statement.setString(2, id.subject);
            if (statement.executeUpdate() == 1 && standing.reported) {
                String text = id.kind.equals(HALTED)
                        ? "All well again: " + id.subject + " is no longer halted."
                        : "All well again: " + id.subject + ".";
                table.end(connection, new Alert(id.kind, id.subject, Severity.INFO, text));
            }
        }
    }

    private Map<Id, Standing> standing(Connection connection) throws SQLException {
        Map<Id, Standing> standing = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(
                        "SELECT kind, subject, claimed_by, claimed_at, since, text, told_at FROM alert_condition");
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                standing.put(
                        new Id(row.getString(1), row.getString(2)),
                        new Standing(
                                row.getString(3),
                                dialect.instant(row, 4),
                                dialect.instant(row, 5),
                                row.getString(6),
                                row.getObject(7) != null));
            }
        }
        return standing;
    }

    /** Null when nobody works on it or will. */
    private static Run.State stateOfOpenRun(Connection connection, Id id) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT state FROM import_run WHERE id = ? AND closed_at IS NULL AND state <> 'finished'")) {
            statement.setLong(1, Long.parseLong(id.subject.substring(id.subject.indexOf(' ') + 1)));
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? Run.State.valueOf(row.getString(1).toUpperCase(Locale.ROOT)) : null;
            }
        }
    }

    private final class ConditionClaims implements ClaimTakeover.Claims {

        @Override
        public List<ClaimTakeover.Claimed> claims(Connection connection) throws SQLException {
            List<ClaimTakeover.Claimed> claims = new ArrayList<>();
            for (Standing each : standing(connection).values()) {
                if (each.holder != null) {
                    claims.add(new ClaimTakeover.Claimed(each.holder, each.renewedAt));
                }
            }
            return claims;
        }

        @Override
        public void free(Connection connection, ClaimTakeover.Claimed claim) throws SQLException {
            try (PreparedStatement statement = connection.prepareStatement(
                    "UPDATE alert_condition SET claimed_by = NULL WHERE claimed_by = ? AND claimed_at = ?")) {
                statement.setString(1, claim.by());
                statement.setObject(2, dialect.instant(claim.at()));
                statement.executeUpdate();
            }
        }
    }
}
