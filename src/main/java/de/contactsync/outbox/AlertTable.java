package de.contactsync.outbox;

import de.contactsync.outbox.Alert.Severity;
import de.contactsync.persistence.Database;
import de.contactsync.persistence.Dialect;
import de.contactsync.persistence.RunStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * What people are to be notified of, in the table {@code alert}: a row for each channel. Of one subject a channel
 * passes them in the order in which they were written, and an end only when it has passed what ended.
 */
final class AlertTable {

    private static final Duration KEPT = Duration.ofDays(30);

    private static final String INSERT =
            "INSERT INTO alert (kind, subject, severity, text, raised_at, channel, receiver)"
                    + " VALUES (?, ?, ?, ?, ?, ?, ?)";

    /** Of what may have been passed, although no answer has come, the end is passed as well. */
    private static final String DROP_UNTRIED = "UPDATE alert SET channel = NULL, receiver = NULL WHERE kind = ?"
            + " AND subject = ? AND severity <> 'info' AND channel IS NOT NULL AND claimed_by IS NULL"
            + " AND channel_tries = 0";

    /** Rows that an older version wrote have a channel only, and while they wait for it. */
    private static final String RECEIVERS = """
            SELECT COALESCE(receiver, channel) FROM alert sent WHERE kind = ? AND subject = ? AND severity <> 'info'
                AND COALESCE(receiver, channel) IS NOT NULL AND NOT EXISTS (SELECT 1 FROM alert later
                WHERE later.kind = sent.kind AND later.subject = sent.subject
                    AND COALESCE(later.receiver, later.channel) = COALESCE(sent.receiver, sent.channel)
                    AND later.id > sent.id)
            """;

    private static final String IN_ORDER = """
             AND NOT EXISTS (SELECT 1 FROM alert earlier WHERE earlier.kind = waiting.kind
                AND earlier.subject = waiting.subject AND earlier.channel = waiting.channel AND earlier.id < waiting.id)
            """;

    /** With its end, where that waits behind it. */
    private static final String GIVEN_UP = """
            UPDATE alert SET channel = NULL, receiver = NULL, claimed_by = NULL, claimed_at = NULL WHERE id IN (
                WITH failed AS (SELECT * FROM alert WHERE id = ? AND claimed_by = ?)
                SELECT id FROM failed
                UNION ALL
                SELECT next.id FROM alert next JOIN failed ON next.kind = failed.kind
                    AND next.subject = failed.subject AND next.channel = failed.channel AND next.severity = 'info'
                WHERE failed.severity <> 'info' AND next.id = (SELECT min(id) FROM alert behind
                    WHERE behind.kind = failed.kind AND behind.subject = failed.subject
                        AND behind.channel = failed.channel AND behind.id > failed.id))
            """;

    private static final Channel.Ends ENDS = new Channel.Ends(IN_ORDER, Channel.PASSED, GIVEN_UP);

    private static final String FORGET = """
            DELETE FROM alert WHERE channel IS NULL AND raised_at < ? AND NOT EXISTS (SELECT 1 FROM alert_condition c
                WHERE c.kind = alert.kind AND c.subject = alert.subject)
            """;

    private final Dialect dialect;
    private final Clock clock;
    private final List<String> channels;

    /** @param channels by which people are notified */
    AlertTable(Dialect dialect, Clock clock, List<String> channels) {
        this.dialect = dialect;
        this.clock = clock;
        this.channels = List.copyOf(channels);
    }

    /** @param rests whether nothing is to be passed for now */
    static Channel<Map<String, Object>> channel(
            Database database, RunStore runs, Clock clock, String name, BooleanSupplier rests) {
        return new Channel<>(database, runs, clock, "alert", name, AlertTable::read, rests, ENDS);
    }

    private static Map<String, Object> read(Dialect dialect, ResultSet row) throws SQLException {
        return Alerts.event(
                new Alert(
                        row.getString("kind"),
                        row.getString("subject"),
                        Severity.valueOf(row.getString("severity").toUpperCase(Locale.ROOT)),
                        row.getString("text")),
                dialect.instant(row, row.findColumn("raised_at")));
    }

    void write(Connection connection, Alert alert) throws SQLException {
        write(connection, alert, channels);
    }

    /**
     * Notifies of the end those channels that were notified of the beginning.
     *
     * @param end its text
     */
    void end(Connection connection, Alert end) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(DROP_UNTRIED)) {
            statement.setString(1, end.kind());
            statement.setString(2, end.subject());
            statement.executeUpdate();
        }
        List<String> receivers = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(RECEIVERS)) {
            statement.setString(1, end.kind());
            statement.setString(2, end.subject());
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    receivers.add(row.getString(1));
                }
            }
        }
        receivers.retainAll(channels);
        write(connection, end, receivers);
    }

    private void write(Connection connection, Alert alert, List<String> receivers) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
            for (String receiver : receivers) {
                statement.setString(1, alert.kind());
                statement.setString(2, alert.subject());
                statement.setString(3, alert.severity().code());
                statement.setString(4, alert.text());
                statement.setObject(5, dialect.instant(clock.instant()));
                statement.setString(6, receiver);
                statement.setString(7, receiver);
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    /** A transaction whose answer was lost is repeated. */
    boolean isNew(Connection connection, String kind, String subject) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT 1 FROM alert WHERE kind = ? AND subject = ? LIMIT 1")) {
            statement.setString(1, kind);
            statement.setString(2, subject);
            try (ResultSet row = statement.executeQuery()) {
                return !row.next();
            }
        }
    }

    /** Deletes what people were notified of long ago, unless it still stands. */
    void forget(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(FORGET)) {
            statement.setObject(1, dialect.instant(clock.instant().minus(KEPT)));
            statement.executeUpdate();
        }
    }
}
