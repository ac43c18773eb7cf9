package de.contactsync.persistence;

import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.RunChunk;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Which parts of a run are done, and what has become of their records. */
final class RunProgress {

    private static final String ADD_PROGRESS = """
            UPDATE import_run SET done = done + ?, stored = stored + ?, not_found = not_found + ?,
                rejected = rejected + ?, invalid = invalid + ?, failed = failed + ?, duplicates = duplicates + ?,
                heartbeat = heartbeat + ?
            WHERE id = ?
            """;

    private final String owner;

    /** @param owner this process */
    RunProgress(String owner) {
        this.owner = owner;
    }

    /**
     * Whether the part of a run still has to be worked on.
     *
     * @throws ProcessingHaltedException when this database does not know the run
     */
    static boolean isPending(Connection connection, RunChunk chunk) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT state IN ('running', 'halted') AND closed_at IS NULL AND NOT EXISTS"
                        + " (SELECT 1 FROM run_chunk WHERE run_id = import_run.id AND number = ?) FROM import_run"
                        + " WHERE id = ?")) {
            statement.setInt(1, chunk.number());
            statement.setLong(2, chunk.runId());
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    throw new ProcessingHaltedException(
                            chunk + " was handed over to this process, whose database does not know the run:"
                                    + " all processes on one broker must have the same contacts.database.url");
                }
                return row.getBoolean(1);
            }
        }
    }

    /**
     * Marks the part as done.
     *
     * @param owned whether this process works on the run, rather than on a part that another has dispatched
     * @return false when it has been done already, or must not be any more; nothing was written
     * @throws RunLostException when the run belongs to another process by now
     */
    boolean begin(Connection connection, RunChunk chunk, boolean owned) throws SQLException {
        if (owned ? markChunk(connection, chunk) : markDispatched(connection, chunk)) {
            return true;
        }
        if (owned && !RunTable.isOf(connection, chunk.runId(), owner)) {
            // Committed by who took the run over: else we would go through the rest of the file behind him.
            throw new RunLostException(chunk.runId());
        }
        return false;
    }

    /** False when the chunk is committed already. */
    private static boolean markChunk(Connection connection, RunChunk chunk) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO run_chunk (run_id, number) VALUES (?, ?) ON CONFLICT DO NOTHING")) {
            statement.setLong(1, chunk.runId());
            statement.setInt(2, chunk.number());
            return statement.executeUpdate() == 1;
        }
    }

    /** The row of the run is locked with it, so that it cannot be finished in between. */
    private static boolean markDispatched(Connection connection, RunChunk chunk) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "UPDATE import_run SET done = done WHERE id = ? AND state IN ('running', 'halted')"
                        + " AND closed_at IS NULL")) {
            statement.setLong(1, chunk.runId());
            return statement.executeUpdate() == 1 && markChunk(connection, chunk);
        }
    }

    /** Behind {@link #begin}, in the same transaction. */
    void add(Connection connection, RunChunk chunk, RunTotals totals, boolean owned) throws SQLException {
        String condition = owned ? " AND owner = ? AND state = 'running'" : "";
        try (PreparedStatement statement = connection.prepareStatement(ADD_PROGRESS + condition)) {
            statement.setLong(1, totals.accepted());
            statement.setLong(2, totals.stored());
            statement.setLong(3, totals.notFound());
            statement.setLong(4, totals.rejected());
            statement.setLong(5, totals.invalid());
            statement.setLong(6, totals.failed());
            statement.setLong(7, totals.duplicates());
            // It speaks for the owner alone, and must not when others continue with what he dispatched.
            statement.setInt(8, owned ? 1 : 0);
            statement.setLong(9, chunk.runId());
            if (owned) {
                statement.setString(10, owner);
            }
            if (statement.executeUpdate() == 0) {
                throw new RunLostException(chunk.runId());
            }
        }
    }
}
