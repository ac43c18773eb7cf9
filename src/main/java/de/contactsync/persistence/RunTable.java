package de.contactsync.persistence;

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

/** What {@link RunStore} reads, and how a row becomes a record. */
final class RunTable {

    private static final String COLUMNS =
            "id, source, file_name, file_hash, chunk_size, total, done, stored, not_found,"
                    + " rejected, invalid, failed, duplicates, state, moved_to, owner, heartbeat, finished_at,"
                    + " halt_reason";

    /** @param endedAt when it was finished, or halted at its end; null while its records are not done */
    record OwnedRun(Run run, String owner, long heartbeat, Instant endedAt) {}

    private RunTable() {}

    /** Whether it was inserted. */
    static boolean insertUnlessOpen(
            Connection connection,
            Dialect dialect,
            String source,
            String fileName,
            String fileHash,
            int chunkSize,
            Instant now,
            String owner,
            SourceFile file)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO import_run (source, file_name, file_hash, chunk_size, state, started_at, owner,"
                        + " source_file, inbox) VALUES (?, ?, ?, ?, 'running', ?, ?, ?, ?) ON CONFLICT DO NOTHING")) {
            statement.setString(1, source);
            statement.setString(2, fileName);
            statement.setString(3, fileHash);
            statement.setInt(4, chunkSize);
            statement.setObject(5, dialect.instant(now));
            statement.setString(6, owner);
            statement.setString(7, file.place());
            statement.setString(8, file.inbox());
            return statement.executeUpdate() == 1;
        }
    }

    /**
     * Of this content: the run of the file, or else the one of its name.
     *
     * @param place null where the keys stand in no file
     */
    static Optional<OwnedRun> findOpen(
            Connection connection, Dialect dialect, String fileName, String fileHash, String place)
            throws SQLException {
        Optional<OwnedRun> ofFile =
                place == null ? Optional.empty() : openBy(connection, dialect, "source_file", place, fileHash);
        return ofFile.isPresent() ? ofFile : openBy(connection, dialect, "file_name", fileName, fileHash);
    }

    private static Optional<OwnedRun> openBy(
            Connection connection, Dialect dialect, String column, String value, String fileHash) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT " + COLUMNS + " FROM import_run WHERE "
                + column + " = ? AND file_hash = ? AND closed_at IS NULL")) {
            statement.setString(1, value);
            statement.setString(2, fileHash);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? Optional.of(owned(dialect, row)) : Optional.empty();
            }
        }
    }

    private static OwnedRun owned(Dialect dialect, ResultSet row) throws SQLException {
        return new OwnedRun(
                read(row),
                row.getString("owner"),
                row.getLong("heartbeat"),
                dialect.instant(row, row.findColumn("finished_at")));
    }

    /** The runs of a file, whatever its content was. */
    static List<OwnedRun> openOf(Connection connection, Dialect dialect, String place) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT " + COLUMNS + " FROM import_run WHERE source_file = ? AND closed_at IS NULL ORDER BY id")) {
            statement.setString(1, place);
            List<OwnedRun> runs = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    runs.add(owned(dialect, row));
                }
            }
            return runs;
        }
    }

    record UnfinishedFile(OwnedRun open, SourceFile file) {}

    /** The unfinished runs of files that were taken from an inbox, of whichever. */
    static List<UnfinishedFile> unfinishedTaken(Connection connection, Dialect dialect) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT " + COLUMNS
                + ", source_file, inbox FROM import_run WHERE source_file LIKE ? AND closed_at IS NULL"
                + " AND state <> 'finished' ORDER BY id")) {
            statement.setString(1, SourceFile.TAKEN + "%");
            List<UnfinishedFile> runs = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    // Older versions wrote down the name in that folder as well.
                    String place = row.getString("source_file").replaceFirst("^([^/]*/[^/]*/).*", "$1");
                    runs.add(new UnfinishedFile(owned(dialect, row), new SourceFile(place, row.getString("inbox"))));
                }
            }
            return runs;
        }
    }

    /** Unfinished runs of keys that have dead letters; the lease of a replay is none. */
    static List<OwnedRun> replays(Connection connection, Dialect dialect) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT " + COLUMNS + " FROM import_run"
                        + " WHERE source = 'replay' AND file_hash <> '' AND closed_at IS NULL AND state <> 'finished'"
                        + " ORDER BY id");
                ResultSet row = statement.executeQuery()) {
            List<OwnedRun> runs = new ArrayList<>();
            while (row.next()) {
                runs.add(owned(dialect, row));
            }
            return runs;
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

    /** Begins the run anew, once {@link RunRemains} has nothing of it. */
    static void restart(Connection connection, long runId) throws SQLException {
        for (String sql : List.of(
                "DELETE FROM run_chunk WHERE run_id = ?",
                "UPDATE import_run SET state = 'running', total = NULL, finished_at = NULL, done = 0, stored = 0,"
                        + " not_found = 0, rejected = 0, invalid = 0, failed = 0, duplicates = 0 WHERE id = ?")) {
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

    /** Closes the run for good, unless it is finished; its contacts stay. {@link RunRemains} ends the rest. */
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
        try (PreparedStatement statement = connection.prepareStatement("DELETE FROM run_chunk WHERE run_id = ?")) {
            statement.setLong(1, runId);
            statement.executeUpdate();
        }
        return true;
    }

    static void discardInvalid(Connection connection, long runId, String raw) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("UPDATE dead_letter SET state = 'discarded'"
                + " WHERE id = (SELECT id FROM dead_letter WHERE run_id = ? AND raw_key = ? AND state = 'open'"
                + " AND reason = 'invalid-key' ORDER BY CAST(position AS BIGINT) DESC LIMIT 1)")) {
            statement.setLong(1, runId);
            statement.setString(2, raw);
            statement.executeUpdate();
        }
    }

    static boolean isSuperseded(Connection connection, long runId) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT 1 FROM import_run WHERE id = ? AND state = 'halted' AND closed_at IS NOT NULL")) {
            statement.setLong(1, runId);
            try (ResultSet row = statement.executeQuery()) {
                return row.next();
            }
        }
    }

    static Run select(Connection connection, long runId) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT " + COLUMNS + " FROM import_run WHERE id = " + runId)) {
            row.next();
            return read(row);
        }
    }

    /** Null where the column is. */
    static Long number(ResultSet row, String column) throws SQLException {
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
}
