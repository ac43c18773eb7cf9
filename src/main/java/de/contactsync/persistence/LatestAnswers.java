package de.contactsync.persistence;

import de.contactsync.model.ContactKey;
import de.contactsync.model.EnrichedChunk;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * When the latest call began that JTL answered for a key, with the contact or with a 404: for the transaction that
 * writes a chunk, in which an answer to an earlier call changes nothing. A call that failed is no answer.
 */
final class LatestAnswers {

    /** As the indexes {@code dead_letter_answer…} have it: SQLite uses them only where their condition stands so. */
    static final String OF_ANSWER = "reason IN ('not-found', 'sink-rejected') AND asked_at > 0";

    /** A subquery for each key, because PostgreSQL may turn a join into a reading of the whole table. */
    private static final String LATEST = """
            SELECT k.column1, coalesce(
                (SELECT asked_at FROM contact WHERE tenant_id = k.column2 AND customer_id = k.column3
                    AND contact_id = k.column4),
                (SELECT asked_at FROM dead_letter WHERE tenant_id = k.column2 AND customer_id = k.column3
                    AND contact_id = k.column4 AND %s ORDER BY asked_at DESC LIMIT 1))
            FROM (VALUES %s) AS k
            """;

    private static final String NEWER = "SELECT tenant_id, customer_id, contact_id, asked_at FROM dead_letter WHERE "
            + OF_ANSWER + " AND asked_at > ? ORDER BY asked_at LIMIT ?";

    /** Rows; where there are more, each key of the chunk is looked up instead. */
    private static final int FEW = 500;

    private final Map<ContactKey, Long> askedAt;

    private LatestAnswers(Map<ContactKey, Long> askedAt) {
        this.askedAt = askedAt;
    }

    /**
     * Those of the database and of the chunk. Nobody else writes what may contradict the chunk until this transaction
     * ends: the failures of a tenant are written alone, contacts together.
     *
     * <p>Of keys that were found, those in the table {@code contact} are left to {@link ContactUpsert}, which overwrites
     * no later answer.
     *
     * @param alone     whether failures will be written, of keys that may have an answer by now
     * @param forgotten keys that are left out
     */
    static LatestAnswers with(
            Connection connection,
            Dialect dialect,
            EnrichedChunk enriched,
            boolean alone,
            Collection<ContactKey> forgotten)
            throws SQLException {
        Map<ContactKey, Long> latest = new HashMap<>();
        Set<ContactKey> failed = new HashSet<>();
        long earliest = Long.MAX_VALUE;
        for (int i = 0; i < enriched.outcomes().size(); i++) {
            if (enriched.chunk().entries().get(i) instanceof KeyEntry.Valid valid && !forgotten.contains(valid.key())) {
                Outcome outcome = enriched.outcomes().get(i);
                latest.merge(valid.key(), isAnswer(outcome) ? outcome.askedAt() : 0, Math::max);
                if (outcome instanceof Outcome.Failed) {
                    failed.add(valid.key());
                } else {
                    earliest = Math.min(earliest, outcome.askedAt());
                }
            }
        }
        Set<UUID> tenants = latest.keySet().stream().map(ContactKey::tenantId).collect(Collectors.toSet());
        dialect.lockAnswers(connection, tenants, alone);
        boolean few = earliest == Long.MAX_VALUE || addNewer(connection, dialect, earliest, latest);
        read(connection, dialect, List.copyOf(few ? failed : latest.keySet()), latest);
        return new LatestAnswers(latest);
    }

    private static boolean isAnswer(Outcome outcome) {
        return outcome instanceof Outcome.Found
                || outcome instanceof Outcome.Failed failed && failed.reason() == Reason.NOT_FOUND;
    }

    /** @return false when there are too many to read them all */
    private static boolean addNewer(Connection connection, Dialect dialect, long earliest, Map<ContactKey, Long> latest)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(NEWER)) {
            statement.setLong(1, earliest);
            statement.setInt(2, FEW + 1);
            try (ResultSet row = statement.executeQuery()) {
                int rows = 0;
                while (row.next()) {
                    rows++;
                    ContactKey key = dialect.key(row, 1);
                    long askedAt = row.getLong(4);
                    latest.computeIfPresent(key, (same, before) -> Math.max(before, askedAt));
                }
                return rows <= FEW;
            }
        }
    }

    private static void read(
            Connection connection, Dialect dialect, List<ContactKey> keys, Map<ContactKey, Long> latest)
            throws SQLException {
        if (keys.isEmpty()) {
            return;
        }
        try (PreparedStatement statement =
                connection.prepareStatement(LATEST.formatted(OF_ANSWER, ContactTable.values(keys)))) {
            int parameter = 1;
            for (ContactKey key : keys) {
                parameter = dialect.setKey(statement, parameter, key);
            }
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    // 0 without an answer.
                    latest.merge(keys.get(row.getInt(1)), row.getLong(2), Math::max);
                }
            }
        }
    }

    /** Whether the key has an answer to a later call. */
    boolean supersede(ContactKey key, Outcome outcome) {
        return askedAt.getOrDefault(key, 0L) > outcome.askedAt();
    }
}
