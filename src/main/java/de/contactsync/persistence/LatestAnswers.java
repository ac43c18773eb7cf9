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
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * When the latest call began that JTL answered for a key, with the contact or with a 404: for the transaction that
 * writes a chunk, in which an answer to an earlier call changes nothing. A call that failed is no answer.
 */
final class LatestAnswers {

    /** As the index {@code dead_letter_answer} has it: SQLite uses it only where its condition stands as it is there. */
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

    private final Map<ContactKey, Long> askedAt;

    private LatestAnswers(Map<ContactKey, Long> askedAt) {
        this.askedAt = askedAt;
    }

    /**
     * Those of the database and of the chunk. Nobody else writes what may contradict the chunk until this transaction
     * ends: the failures of a tenant are written alone, contacts together.
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
        Map<ContactKey, Long> ofChunk = new HashMap<>();
        for (int i = 0; i < enriched.outcomes().size(); i++) {
            if (enriched.chunk().entries().get(i) instanceof KeyEntry.Valid valid && !forgotten.contains(valid.key())) {
                Outcome outcome = enriched.outcomes().get(i);
                ofChunk.merge(valid.key(), isAnswer(outcome) ? outcome.askedAt() : 0, Math::max);
            }
        }
        Set<UUID> tenants = ofChunk.keySet().stream().map(ContactKey::tenantId).collect(Collectors.toSet());
        dialect.lockAnswers(connection, tenants, alone);
        read(connection, dialect, List.copyOf(ofChunk.keySet()))
                .forEach((key, latest) -> ofChunk.merge(key, latest, Math::max));
        return new LatestAnswers(ofChunk);
    }

    private static boolean isAnswer(Outcome outcome) {
        return outcome instanceof Outcome.Found
                || outcome instanceof Outcome.Failed failed && failed.reason() == Reason.NOT_FOUND;
    }

    private static Map<ContactKey, Long> read(Connection connection, Dialect dialect, List<ContactKey> keys)
            throws SQLException {
        Map<ContactKey, Long> latest = new HashMap<>();
        if (keys.isEmpty()) {
            return latest;
        }
        String values = IntStream.range(0, keys.size())
                .mapToObj(i -> "(" + i + ", ?, ?, ?)")
                .collect(Collectors.joining(", "));
        try (PreparedStatement statement = connection.prepareStatement(LATEST.formatted(OF_ANSWER, values))) {
            int parameter = 1;
            for (ContactKey key : keys) {
                parameter = dialect.setKey(statement, parameter, key);
            }
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    // 0 without an answer.
                    latest.put(keys.get(row.getInt(1)), row.getLong(2));
                }
            }
        }
        return latest;
    }

    /** Whether the key has an answer to a later call. */
    boolean supersede(ContactKey key, Outcome outcome) {
        return askedAt.getOrDefault(key, 0L) > outcome.askedAt();
    }
}
