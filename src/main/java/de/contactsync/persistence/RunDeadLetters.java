package de.contactsync.persistence;

import de.contactsync.model.JtlId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** The dead letters of a run, page by page. */
final class RunDeadLetters {

    private static final int PAGE_SIZE = 1_000;

    private RunDeadLetters() {}

    /** Where a page ends: a position, and of the dead letters there an id. */
    record Page(List<DeadLetter> letters, long position, long id) {}

    static boolean anyOf(Connection connection, long runId) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT 1 FROM dead_letter WHERE run_id = ? AND state <> 'discarded' LIMIT 1")) {
            statement.setLong(1, runId);
            try (ResultSet row = statement.executeQuery()) {
                return row.next();
            }
        }
    }

    /** The next page of the run's dead letters, in the order of the file; an empty one behind the last. */
    static Page next(Connection connection, long runId, Page behind) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT position, tenant_id, customer_id, contact_id,"
                        + " raw_key, reason, http_status, error_code, error_message, id FROM dead_letter WHERE"
                        + " run_id = ? AND state <> 'discarded'"
                        + " AND CAST(position AS BIGINT) >= ? AND (CAST(position AS BIGINT) > ? OR id > ?)"
                        + " ORDER BY CAST(position AS BIGINT), id LIMIT ?")) {
            statement.setLong(1, runId);
            statement.setLong(2, behind.position);
            statement.setLong(3, behind.position);
            statement.setLong(4, behind.id);
            statement.setInt(5, PAGE_SIZE);
            List<DeadLetter> letters = new ArrayList<>();
            long position = behind.position;
            long id = behind.id;
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    letters.add(deadLetter(row));
                    position = Long.parseLong(row.getString("position"));
                    id = row.getLong("id");
                }
            }
            return new Page(letters, position, id);
        }
    }

    private static String id(ResultSet row, String column) throws SQLException {
        String id = row.getString(column);
        return id == null ? null : JtlId.text(UUID.fromString(id));
    }

    private static DeadLetter deadLetter(ResultSet row) throws SQLException {
        Long status = RunTable.number(row, "http_status");
        return new DeadLetter(
                row.getString("position"),
                row.getString("tenant_id"),
                id(row, "customer_id"),
                id(row, "contact_id"),
                row.getString("raw_key"),
                row.getString("reason"),
                status == null ? null : status.intValue(),
                row.getString("error_code"),
                row.getString("error_message"));
    }
}
