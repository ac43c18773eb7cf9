package de.contactsync.ledger;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What {@link RunLedger} reads, and how a row becomes a record. */
final class RunRows {

    private static final String COLUMNS = "id, source, file_name, file_hash, chunk_size, total, done, stored, not_found,"
            + " rejected, invalid, failed, duplicates, state, moved_to, owner, heartbeat, finished_at, halt_reason";

    /** @param endedAt when it was finished, or halted at its end; null while its records are not done */
    record OwnedRun(Run run, String owner, long heartbeat, Instant endedAt) {}

    private RunRows() {}

    /** Whether it was inserted. */
    static boolean insertUnlessOpen(
            Connection connection, Dialect dialect, String source, String fileName, String fileHash, int chunkSize,
            Instant now, String owner)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO import_run (source, file_name, file_hash, chunk_size, state, started_at, owner)"
                        + " VALUES (?, ?, ?, ?, 'running', ?, ?)"
                        + " ON CONFLICT (file_name, file_hash) WHERE closed_at IS NULL DO NOTHING")) {
            statement.setString(1, source);
            statement.setString(2, fileName);
            statement.setString(3, fileHash);
            statement.setInt(4, chunkSize);
            statement.setObject(5, dialect.instant(now));
            statement.setString(6, owner);
            return statement.executeUpdate() == 1;
        }
    }

    static Optional<OwnedRun> findOpen(Connection connection, Dialect dialect, String fileName, String fileHash)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT " + COLUMNS
                + " FROM import_run WHERE file_name = ? AND file_hash = ? AND closed_at IS NULL")) {
            statement.setString(1, fileName);
            statement.setString(2, fileHash);
            try (ResultSet row = statement.executeQuery()) {
                return row.next()
                        ? Optional.of(new OwnedRun(read(row), row.getString("owner"), row.getLong("heartbeat"),
                                dialect.instant(row, row.findColumn("finished_at"))))
                        : Optional.empty();
            }
        }
    }

    /** Finished, and about to be moved or moved already, but not closed. */
    static List<Run> moving(Connection connection) throws SQLException {
        List<Run> runs = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT " + COLUMNS + " FROM import_run"
                        + " WHERE state = 'finished' AND closed_at IS NULL AND moved_to IS NOT NULL")) {
            while (row.next()) {
                runs.add(read(row));
            }
        }
        return runs;
    }

    /** Finished ones first. */
    static Optional<Run> newest(Connection connection, String fileHash) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT " + COLUMNS
                + " FROM import_run WHERE file_hash = ?"
                + " ORDER BY CASE state WHEN 'finished' THEN 0 ELSE 1 END, id DESC LIMIT 1")) {
            statement.setString(1, fileHash);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? Optional.of(read(row)) : Optional.empty();
            }
        }
    }

    static boolean isOf(Connection connection, long runId, String owner) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT 1 FROM import_run WHERE id = ? AND owner = ?")) {
            statement.setLong(1, runId);
            statement.setString(2, owner);
            try (ResultSet row = statement.executeQuery()) {
                return row.next();
            }
        }
    }

    static BitSet doneChunks(Connection connection, long runId) throws SQLException {
        BitSet done = new BitSet();
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT number FROM run_chunk WHERE run_id = ?")) {
            statement.setLong(1, runId);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    done.set(row.getInt(1));
                }
            }
        }
        return done;
    }

    /** Leaves nothing of what was done in the run, but the contacts. */
    static void beginAnew(Connection connection, long runId) throws SQLException {
        for (String sql : List.of(
                "DELETE FROM run_chunk WHERE run_id = ?",
                "DELETE FROM dead_letter WHERE run_id = ?",
                "UPDATE delivery SET missing_in = NULL WHERE missing_in = ?",
                "UPDATE import_run SET total = NULL, finished_at = NULL, done = 0, stored = 0, not_found = 0, rejected = 0,"
                        + " invalid = 0, failed = 0, duplicates = 0 WHERE id = ?")) {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                statement.setLong(1, runId);
                statement.executeUpdate();
            }
        }
    }

    /** Closes a run that is finished. */
    static void close(Connection connection, long runId, Object now) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("UPDATE import_run SET closed_at = ? WHERE id = ?")) {
            statement.setObject(1, now);
            statement.setLong(2, runId);
            statement.executeUpdate();
        }
        try (PreparedStatement statement = connection.prepareStatement("DELETE FROM run_chunk WHERE run_id = ?")) {
            statement.setLong(1, runId);
            statement.executeUpdate();
        }
    }

    /** Closes the run for good, unless it is finished; its contacts stay, and its dead letters are nobody's any more. */
    static boolean supersede(Connection connection, long runId, String reason, Object now) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("UPDATE import_run SET state = 'halted',"
                + " halt_reason = ?, closed_at = ? WHERE id = ? AND closed_at IS NULL AND state <> 'finished'")) {
            statement.setString(1, reason);
            statement.setObject(2, now);
            statement.setLong(3, runId);
            if (statement.executeUpdate() == 0) {
                return false;
            }
        }
        for (String sql : List.of(
                "DELETE FROM run_chunk WHERE run_id = ?",
                "UPDATE dead_letter SET state = 'discarded' WHERE run_id = ? AND state = 'open'",
                "UPDATE delivery SET missing_in = NULL WHERE missing_in = ?")) {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                statement.setLong(1, runId);
                statement.executeUpdate();
            }
        }
        return true;
    }

    static Run select(Connection connection, long runId) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT " + COLUMNS + " FROM import_run WHERE id = " + runId)) {
            row.next();
            return read(row);
        }
    }

    /** Null where the column is. */
    private static Long number(ResultSet row, String column) throws SQLException {
        long number = row.getLong(column);
        return row.wasNull() ? null : number;
    }

    private static Run read(ResultSet row) throws SQLException {
        return new Run(
                row.getLong("id"),
                row.getString("source"),
                row.getString("file_name"),
                row.getString("file_hash"),
                row.getInt("chunk_size"),
                number(row, "total"),
                row.getLong("done"),
                row.getLong("stored"),
                row.getLong("not_found"),
                row.getLong("rejected"),
                row.getLong("invalid"),
                row.getLong("failed"),
                row.getLong("duplicates"),
                Run.State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
                row.getString("moved_to"),
                row.getString("halt_reason"));
    }

    static DeadLetter deadLetter(ResultSet row) throws SQLException {
        Long status = number(row, "http_status");
        return new DeadLetter(
                row.getString("position"),
                row.getString("tenant_id"),
                row.getString("customer_id"),
                row.getString("contact_id"),
                row.getString("raw_key"),
                row.getString("reason"),
                status == null ? null : status.intValue(),
                row.getString("error_code"),
                row.getString("error_message"));
    }
}
