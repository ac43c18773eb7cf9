package de.contactsync.persistence;

import de.contactsync.model.Chunk;
import de.contactsync.model.ContactKey;
import de.contactsync.model.EnrichedChunk;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.MessageChunk;
import de.contactsync.model.Outcome;
import de.contactsync.model.RunChunk;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The rows of the table {@code dead_letter}. */
final class DeadLetterTable {

    /** What belongs to no run may come again: a message that is delivered twice is still one dead letter. */
    private static final String INSERT = """
            INSERT INTO dead_letter (run_id, source, position, tenant_id, customer_id, contact_id, raw_key, stage,
                reason, http_status, error_code, error_message, errors, attempts, first_failed_at, last_failed_at,
                state, channel, asked_at)
            VALUES (?, COALESCE(?, (SELECT CASE source WHEN 'replay' THEN 'file' ELSE source END
                FROM import_run WHERE id = ?)), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (source, position, stage) WHERE source IN ('queue', 'kafka', 'http') DO UPDATE SET
                tenant_id = excluded.tenant_id, customer_id = excluded.customer_id, contact_id = excluded.contact_id,
                raw_key = excluded.raw_key, reason = excluded.reason, http_status = excluded.http_status,
                error_code = excluded.error_code,
                error_message = excluded.error_message, errors = excluded.errors, attempts = excluded.attempts,
                last_failed_at = excluded.last_failed_at, state = excluded.state, asked_at = excluded.asked_at
            WHERE dead_letter.asked_at <= excluded.asked_at OR excluded.asked_at = 0
            """;

    /** A schedule meets the same failure in each of its runs: one open dead letter stands for all. */
    private static final String AGAIN = """
            UPDATE dead_letter SET run_id = ?, position = ?, http_status = ?, error_code = ?, error_message = ?,
                errors = ?, attempts = attempts + ?, last_failed_at = ?, asked_at = ?
            WHERE id = (SELECT max(id) FROM dead_letter WHERE state = 'open' AND source = 'timer' AND reason = ?
                AND asked_at <= ? AND\s
            """;

    private static final String OF_KEY = "tenant_id = ? AND customer_id = ? AND contact_id = ?)";

    /** The same line, or the customer whose contacts JTL does not list; two equal lines of one run have one each. */
    private static final String OF_NO_KEY = "contact_id IS NULL AND raw_key = ? AND run_id <> ?)";

    private static final String OF_JTL = "state = 'open' AND stage IN ('jtl', 'sink:database')";

    private final Dialect dialect;
    private final RunStore runs;

    /** @param runs know whether dead letters have a channel */
    DeadLetterTable(Dialect dialect, RunStore runs) {
        this.dialect = dialect;
        this.runs = runs;
    }

    /**
     * Keys that are stored now, by whichever way they came, or have a newer dead letter: those they had are done with,
     * but for what failed in a later call.
     */
    void done(Connection connection, SortedMap<ContactKey, ? extends Outcome> outcomes) throws SQLException {
        if (outcomes.isEmpty() || !anyOpen(connection)) {
            return;
        }
        try (PreparedStatement statement =
                connection.prepareStatement("UPDATE dead_letter SET state = 'replayed' WHERE " + OF_JTL
                        + " AND tenant_id = ? AND customer_id = ? AND contact_id = ? AND asked_at <= ?")) {
            for (ContactKey key : open(connection, List.copyOf(outcomes.keySet()))) {
                long askedAt = outcomes.get(key).askedAt();
                // Nobody was asked for what is known without, as of a tenant that the settings do not have.
                statement.setLong(dialect.setKey(statement, 1, key), askedAt == 0 ? Long.MAX_VALUE : askedAt);
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    private static boolean anyOpen(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT 1 FROM dead_letter WHERE state = 'open' LIMIT 1")) {
            return row.next();
        }
    }

    /** A subquery for each key, because PostgreSQL may turn a join into a reading of the whole table. */
    private List<ContactKey> open(Connection connection, List<ContactKey> keys) throws SQLException {
        String values = IntStream.range(0, keys.size())
                .mapToObj(i -> "(" + i + ", ?, ?, ?)")
                .collect(Collectors.joining(", "));
        List<ContactKey> open = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement("SELECT k.column1 FROM (VALUES " + values
                + ") AS k WHERE (SELECT 1 FROM dead_letter WHERE tenant_id = k.column2 AND customer_id = k.column3"
                + " AND contact_id = k.column4 AND " + OF_JTL + " LIMIT 1) = 1")) {
            int parameter = 1;
            for (ContactKey key : keys) {
                parameter = dialect.setKey(statement, parameter, key);
            }
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    open.add(keys.get(row.getInt(1)));
                }
            }
        }
        return open;
    }

    private record Row(String position, String stage) {}

    /**
     * One row for each failed outcome; of a message that is there twice the first counts, and what a schedule has met
     * before keeps the row it has. There is nothing to try again where the key has an answer to a later call.
     */
    void write(Connection connection, EnrichedChunk enriched, LatestAnswers latest, Object now) throws SQLException {
        if (enriched.outcomes().stream().noneMatch(Outcome.Failed.class::isInstance)) {
            return;
        }
        Set<Integer> again = Set.of();
        if (enriched.chunk() instanceof RunChunk part) {
            String source = source(connection, part.runId());
            if (source.equals(RunStore.REPLAY)) {
                // What was tried again is open until here, so that no death of a process and no lost file costs it.
                done(connection, failures(enriched));
            } else if (source.equals("timer")) {
                again = writeAgain(connection, part, enriched.outcomes(), latest, now);
            }
        }
        // PostgreSQL refuses a statement that would touch a row twice.
        Set<Row> rows = new HashSet<>();
        try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
            for (int i = 0; i < enriched.outcomes().size(); i++) {
                if (enriched.outcomes().get(i) instanceof Outcome.Failed failure
                        && !again.contains(i)
                        && (enriched.chunk() instanceof RunChunk
                                || rows.add(new Row(
                                        enriched.chunk().position(i),
                                        failure.reason().stage())))) {
                    bind(statement, enriched.chunk(), i, failure, state(enriched.chunk(), i, failure, latest), now);
                    statement.addBatch();
                }
            }
            statement.executeBatch();
        }
    }

    private static SortedMap<ContactKey, Outcome> failures(EnrichedChunk enriched) {
        SortedMap<ContactKey, Outcome> failures = new TreeMap<>(ChunkStore.ORDER);
        for (int i = 0; i < enriched.outcomes().size(); i++) {
            if (enriched.outcomes().get(i) instanceof Outcome.Failed failure
                    && enriched.chunk().entries().get(i) instanceof KeyEntry.Valid valid) {
                failures.put(valid.key(), failure);
            }
        }
        return failures;
    }

    private static String state(Chunk chunk, int index, Outcome.Failed failure, LatestAnswers latest) {
        // It must not be tried again, and its key is not to be kept.
        return failure == Outcome.FORGOTTEN
                ? "discarded"
                : isSuperseded(chunk.entries().get(index), failure, latest) ? "replayed" : "open";
    }

    private static boolean isSuperseded(KeyEntry entry, Outcome.Failed failure, LatestAnswers latest) {
        return failure.askedAt() != 0
                && entry instanceof KeyEntry.Valid valid
                && latest.supersede(valid.key(), failure);
    }

    private static String source(Connection connection, long runId) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT source FROM import_run WHERE id = ?")) {
            statement.setLong(1, runId);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? row.getString(1) : "";
            }
        }
    }

    /** @return the outcomes for which a dead letter was open already */
    private Set<Integer> writeAgain(
            Connection connection, RunChunk chunk, List<Outcome> outcomes, LatestAnswers latest, Object now)
            throws SQLException {
        Set<Integer> again = new HashSet<>();
        try (PreparedStatement ofKey = connection.prepareStatement(AGAIN + OF_KEY);
                PreparedStatement ofNoKey = connection.prepareStatement(AGAIN + OF_NO_KEY)) {
            for (int i = 0; i < outcomes.size(); i++) {
                KeyEntry entry = chunk.entries().get(i);
                if (outcomes.get(i) instanceof Outcome.Failed failure
                        && failure != Outcome.FORGOTTEN
                        && !isSuperseded(entry, failure, latest)) {
                    PreparedStatement statement = entry instanceof KeyEntry.Valid ? ofKey : ofNoKey;
                    statement.setLong(1, chunk.runId());
                    statement.setString(2, chunk.position(i));
                    statement.setObject(3, failure.httpStatus(), Types.INTEGER);
                    statement.setString(4, failure.errorCode());
                    statement.setString(5, failure.errorMessage());
                    statement.setString(6, failure.errors());
                    statement.setInt(7, failure.attempts());
                    statement.setObject(8, now);
                    statement.setLong(9, failure.askedAt());
                    statement.setString(10, failure.reason().code());
                    statement.setLong(11, failure.askedAt());
                    if (entry instanceof KeyEntry.Valid valid) {
                        dialect.setKey(statement, 12, valid.key());
                    } else if (entry instanceof KeyEntry.Invalid invalid) {
                        statement.setString(12, invalid.raw());
                        statement.setLong(13, chunk.runId());
                    }
                    if (statement.executeUpdate() == 1) {
                        again.add(i);
                    }
                }
            }
        }
        return again;
    }

    private void bind(
            PreparedStatement statement, Chunk chunk, int index, Outcome.Failed failure, String state, Object now)
            throws SQLException {
        KeyEntry entry = chunk.entries().get(index);
        ContactKey key = entry instanceof KeyEntry.Valid valid && failure != Outcome.FORGOTTEN ? valid.key() : null;
        Long run = chunk instanceof RunChunk part ? part.runId() : null;
        statement.setObject(1, run, Types.BIGINT);
        statement.setString(2, chunk instanceof MessageChunk messages ? messages.source() : null);
        statement.setObject(3, run, Types.BIGINT);
        statement.setString(4, chunk.position(index));
        dialect.setUuid(statement, 5, failure == Outcome.FORGOTTEN ? null : entry.tenantId());
        dialect.setUuid(statement, 6, key == null ? null : key.customerId());
        dialect.setUuid(statement, 7, key == null ? null : key.contactId());
        statement.setString(
                8, entry instanceof KeyEntry.Invalid invalid && failure != Outcome.FORGOTTEN ? invalid.raw() : null);
        statement.setString(9, failure.reason().stage());
        statement.setString(10, failure.reason().code());
        statement.setObject(11, failure.httpStatus(), Types.INTEGER);
        statement.setString(12, failure.errorCode());
        statement.setString(13, failure.errorMessage());
        statement.setString(14, failure.errors());
        statement.setInt(15, failure.attempts());
        statement.setObject(16, now);
        statement.setObject(17, now);
        statement.setString(18, state);
        statement.setString(19, state.equals("open") ? runs.deadLetterChannel() : null);
        statement.setLong(20, failure.askedAt());
    }
}
