package de.contactsync.persistence;

import de.contactsync.model.ContactKey;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What a run has left in other tables, changed page by page, each a transaction: with millions of records one statement
 * would outlast the connection. What is changed is not selected again, so whoever is cut off continues where he
 * stopped.
 */
public final class RunRemains {

    private static final int PAGE = 5_000;

    private static final String MISSING =
            "SELECT sink, tenant_id, customer_id, contact_id, FALSE FROM delivery WHERE missing_in = ? LIMIT ?";

    /** The same contact of another customer is the same record in the sink, and JTL has it. */
    private static final String MISSING_AND_MOVED = """
            SELECT sink, tenant_id, customer_id, contact_id, EXISTS (
                WITH same AS MATERIALIZED (SELECT * FROM delivery d WHERE d.contact_id = delivery.contact_id)
                SELECT 1 FROM same WHERE same.tenant_id = delivery.tenant_id AND same.sink = delivery.sink
                    AND same.wanted_hash IS NOT NULL AND same.missing_in IS NULL)
            FROM delivery WHERE missing_in = ? LIMIT ?
            """;

    private static final String KEY =
            " WHERE sink = ? AND tenant_id = ? AND customer_id = ? AND contact_id = ? AND missing_in = ?";

    private static final String REMOVE = """
            UPDATE delivery SET wanted_hash = NULL, missing_in = NULL, unconfirmed = NULL, state = ?, pending_since = ?,
                content_hash = CASE WHEN ? THEN NULL ELSE content_hash END
            """ + KEY;

    /** What the sink refused of a contact that moved: it is sent, or refused again, under its other customer. */
    private static final String CLOSE_LETTERS = """
            UPDATE dead_letter SET state = 'replayed'
            WHERE state = 'open' AND %s AND tenant_id = ? AND customer_id = ? AND contact_id = ?
            """.formatted(SinkStage.condition("stage"));

    private record Missing(String sink, ContactKey key, boolean moved) {}

    private RunRemains() {}

    private static void inPages(Database database, Database.Work<Integer> page) {
        while (database.inTransaction(page) > 0) {
            // Until nothing is left.
        }
    }

    /**
     * Takes away the dead letters of a run that begins anew. Those of a replay stay open, of no run: nothing else tells
     * of their keys.
     *
     * @param first in each transaction: whether the run is still ours
     */
    static void withdrawLetters(Database database, Run run, Database.Work<?> first) {
        String withdraw = run.source().equals(RunStore.REPLAY)
                ? "UPDATE dead_letter SET run_id = NULL"
                : "DELETE FROM dead_letter";
        inPages(database, connection -> {
            first.in(connection);
            return letters(
                    connection,
                    run.id(),
                    withdraw + " WHERE id IN (SELECT id FROM dead_letter WHERE run_id = ? LIMIT ?)");
        });
    }

    private static void discardLetters(Database database, long runId) {
        inPages(
                database,
                connection -> letters(
                        connection,
                        runId,
                        "UPDATE dead_letter SET state = 'discarded' WHERE id IN"
                                + " (SELECT id FROM dead_letter WHERE run_id = ? AND state = 'open' LIMIT ?)"));
    }

    private static int letters(Connection connection, long runId, String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, runId);
            statement.setInt(2, PAGE);
            return statement.executeUpdate();
        }
    }

    /** What the run did not find may be there all the same. */
    static void forgetMissing(Database database, long runId, Database.Work<?> first) {
        inPages(database, connection -> {
            first.in(connection);
            List<Missing> page = missing(connection, database.dialect(), MISSING, runId);
            try (PreparedStatement statement =
                    connection.prepareStatement("UPDATE delivery SET missing_in = NULL" + KEY)) {
                for (Missing row : page) {
                    bind(statement, database.dialect(), 1, row, runId);
                    statement.addBatch();
                }
                statement.executeBatch();
            }
            return page.size();
        });
    }

    /** What the run did not find is to be removed from the sinks, but for what JTL has under another customer. */
    public static void removeMissing(Database database, long runId, Object now) {
        inPages(database, connection -> {
            List<Missing> page = missing(connection, database.dialect(), MISSING_AND_MOVED, runId);
            try (PreparedStatement statement = connection.prepareStatement(REMOVE)) {
                for (Missing row : page) {
                    statement.setString(1, row.moved ? "gone" : "pending");
                    statement.setObject(2, now);
                    statement.setBoolean(3, row.moved);
                    bind(statement, database.dialect(), 4, row, runId);
                    statement.addBatch();
                }
                statement.executeBatch();
            }
            closeLetters(
                    connection,
                    database.dialect(),
                    page.stream().filter(Missing::moved).toList());
            return page.size();
        });
    }

    private static void closeLetters(Connection connection, Dialect dialect, List<Missing> moved) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(CLOSE_LETTERS)) {
            for (Missing row : moved) {
                dialect.setKey(statement, SinkStage.bind(statement, 1, row.sink), row.key);
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    /**
     * Of one that was superseded: its dead letters are nobody's any more, but for those of a replay, which nothing else
     * stands for. Does nothing with any other.
     */
    static void ofSuperseded(Database database, long runId) {
        if (database.inTransaction(connection -> RunTable.isSuperseded(connection, runId))) {
            Run run = database.inTransaction(connection -> RunTable.select(connection, runId));
            if (!run.source().equals(RunStore.REPLAY)) {
                discardLetters(database, runId);
            }
            forgetMissing(database, runId, connection -> null);
        }
    }

    /** In the order in which all writers lock them. */
    private static List<Missing> missing(Connection connection, Dialect dialect, String sql, long runId)
            throws SQLException {
        List<Missing> page = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, runId);
            statement.setInt(2, PAGE);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    page.add(new Missing(row.getString(1), dialect.key(row, 2), row.getBoolean(5)));
                }
            }
        }
        page.sort(Comparator.comparing(Missing::key, ChunkStore.ORDER));
        return page;
    }

    private static void bind(PreparedStatement statement, Dialect dialect, int first, Missing row, long runId)
            throws SQLException {
        statement.setString(first, row.sink);
        statement.setLong(dialect.setKey(statement, first + 1, row.key), runId);
    }
}
