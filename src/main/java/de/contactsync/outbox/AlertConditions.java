package de.contactsync.outbox;

import de.contactsync.persistence.Dialect;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What is wrong and has not ended: the table {@code alert_condition}, within the transactions of others. */
final class AlertConditions implements ClaimTakeover.Claims {

    record Id(String kind, String subject) {

        static Id of(Alert alert) {
            return new Id(alert.kind(), alert.subject());
        }
    }

    /**
     * @param holder the process that sees it; null when none does any longer
     * @param reported whether people were notified
     */
    record Standing(String holder, Instant renewedAt, Instant since, String text, boolean reported) {}

    private final Dialect dialect;
    private final String owner;

    /** @param owner this process */
    AlertConditions(Dialect dialect, String owner) {
        this.dialect = dialect;
        this.owner = owner;
    }

    /**
     * @param reported whether people are notified now; otherwise when it has not ended after a while
     * @return false when it stands already
     */
    boolean begin(Connection connection, Alert alert, String holder, Instant now, boolean reported)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("INSERT INTO alert_condition (kind, subject,"
                + " text, since, told_at, claimed_by, claimed_at) VALUES (?, ?, ?, ?, ?, ?, ?)"
                + " ON CONFLICT (kind, subject) DO NOTHING")) {
            Object at = dialect.instant(now);
            statement.setString(1, alert.kind());
            statement.setString(2, alert.subject());
            statement.setString(3, alert.text());
            statement.setObject(4, at);
            statement.setObject(
                    5, reported ? at : null, dialect == Dialect.SQLITE ? Types.VARCHAR : Types.TIMESTAMP_WITH_TIMEZONE);
            statement.setString(6, holder);
            statement.setObject(7, at);
            return statement.executeUpdate() == 1;
        }
    }

    /** @return false when people have been notified already */
    boolean report(Connection connection, Id id, Instant now) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "UPDATE alert_condition SET told_at = ? WHERE kind = ? AND subject = ? AND told_at IS NULL")) {
            statement.setObject(1, dialect.instant(now));
            statement.setString(2, id.kind);
            statement.setString(3, id.subject);
            return statement.executeUpdate() == 1;
        }
    }

    /** This process sees it. */
    void hold(Connection connection, Id id, Instant now) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "UPDATE alert_condition SET claimed_by = ?, claimed_at = ? WHERE kind = ? AND subject = ?")) {
            statement.setString(1, owner);
            statement.setObject(2, dialect.instant(now));
            statement.setString(3, id.kind);
            statement.setString(4, id.subject);
            statement.executeUpdate();
        }
    }

    /** @return whether people had been notified of it */
    boolean end(Connection connection, Id id) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "DELETE FROM alert_condition WHERE kind = ? AND subject = ? RETURNING told_at")) {
            statement.setString(1, id.kind);
            statement.setString(2, id.subject);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() && row.getObject(1) != null;
            }
        }
    }

    Map<Id, Standing> standing(Connection connection) throws SQLException {
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
