package de.contactsync.messaging.http;

import de.contactsync.messaging.KeyResult;
import de.contactsync.model.ContactKey;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.Outcome;
import de.contactsync.persistence.AuditQueries;
import de.contactsync.persistence.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What came of the keys of a request, from the tables {@code contact} and {@code dead_letter}: for a request that comes
 * again, or whose keys another process works on. Thread-safe.
 */
final class ReceivedResults {

    private static final int PAGE = 1_000;

    private final Database database;
    private final AuditQueries contacts;

    ReceivedResults(Database database) {
        this.database = database;
        this.contacts = new AuditQueries(database);
    }

    /**
     * @param entries of the request, in their order
     * @return empty while not all of them have come to their end, and when what came of one was deleted since
     */
    Optional<List<KeyResult>> of(String requestId, List<KeyEntry> entries) {
        Map<String, Outcome.Failed> failed = new HashMap<>();
        for (int from = 0; from < entries.size(); from += PAGE) {
            List<String> positions = new ArrayList<>();
            for (int i = from; i < Math.min(entries.size(), from + PAGE); i++) {
                positions.add(ReceivedKeys.position(requestId, entries.size(), i));
            }
            if (database.inTransaction(connection -> isAnyWaiting(connection, positions))) {
                return Optional.empty();
            }
            failed.putAll(database.inTransaction(connection -> failed(connection, positions)));
        }
        Map<ContactKey, Outcome.Found> found = contacts.contacts(entries.stream()
                .filter(KeyEntry.Valid.class::isInstance)
                .map(entry -> ((KeyEntry.Valid) entry).key())
                .distinct()
                .toList());
        List<KeyResult> results = new ArrayList<>();
        for (int i = 0; i < entries.size(); i++) {
            KeyEntry entry = entries.get(i);
            String position = ReceivedKeys.position(requestId, entries.size(), i);
            Outcome outcome = failed.get(position);
            if (outcome == null && entry instanceof KeyEntry.Valid valid) {
                outcome = found.get(valid.key());
            }
            if (outcome == null && entry instanceof KeyEntry.Valid valid) {
                // JTL answered otherwise in a later call.
                outcome = contacts.latestFailure(valid.key()).orElse(null);
            }
            if (outcome == null) {
                return Optional.empty();
            }
            results.add(new KeyResult(position, entry, outcome));
        }
        return Optional.of(results);
    }

    private static boolean isAnyWaiting(Connection connection, List<String> positions) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT 1 FROM received_key WHERE position IN (" + marks(positions) + ") LIMIT 1")) {
            set(statement, positions);
            try (ResultSet row = statement.executeQuery()) {
                return row.next();
            }
        }
    }

    /** Those of which nothing newer is known. */
    private static Map<String, Outcome.Failed> failed(Connection connection, List<String> positions)
            throws SQLException {
        Map<String, Outcome.Failed> failed = new HashMap<>();
        // SQLite uses a partial index only where the statement has the condition of the index as it stands there.
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT " + AuditQueries.FAILED + ", position FROM dead_letter"
                        + " WHERE source IN ('queue', 'kafka', 'http') AND source = 'http'"
                        + " AND stage IN ('key', 'jtl')"
                        + " AND state <> 'replayed' AND position IN (" + marks(positions) + ")")) {
            set(statement, positions);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    failed.put(row.getString("position"), AuditQueries.failed(row));
                }
            }
        }
        return failed;
    }

    private static String marks(List<String> positions) {
        return String.join(", ", Collections.nCopies(positions.size(), "?"));
    }

    private static void set(PreparedStatement statement, List<String> positions) throws SQLException {
        for (int i = 0; i < positions.size(); i++) {
            statement.setString(i + 1, positions.get(i));
        }
    }
}
