package de.contactsync.ledger;

import de.contactsync.contact.ContactKey;
import de.contactsync.contact.Reason;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the tables say of a run, for whoever checks it; writes nothing. */
public final class Evidence {

    private final Database database;

    public Evidence(Database database) {
        this.database = database;
    }

    /** The newest finished run of this content, whatever the file was called; else the newest one of all. */
    public Optional<Run> newestRun(String fileHash) {
        return database.inTransaction(connection -> RunRows.newest(connection, fileHash));
    }

    /** Those of {@code keys}, each with its tenant, that stand in the table {@code contact}; a thousand at a time. */
    public Set<ContactKey> stored(List<ContactKey> keys) {
        if (keys.isEmpty()) {
            return Set.of();
        }
        StringBuilder values = new StringBuilder();
        for (int i = 0; i < keys.size(); i++) {
            values.append(i == 0 ? "" : ", ").append('(').append(i).append(", ?, ?, ?)");
        }
        // A subquery for each key, because PostgreSQL may turn a join into a reading of the whole table.
        String sql = "SELECT k.column1 FROM (VALUES " + values + ") AS k WHERE (SELECT 1 FROM contact c"
                + " WHERE c.tenant_id = k.column2 AND c.customer_id = k.column3 AND c.contact_id = k.column4) = 1";
        return database.inTransaction(connection -> {
            Set<ContactKey> stored = new HashSet<>();
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                int parameter = 1;
                for (ContactKey key : keys) {
                    database.dialect().setUuid(statement, parameter++, key.tenantId());
                    database.dialect().setUuid(statement, parameter++, key.customerId());
                    database.dialect().setUuid(statement, parameter++, key.contactId());
                }
                try (ResultSet row = statement.executeQuery()) {
                    while (row.next()) {
                        stored.add(keys.get(row.getInt(1)));
                    }
                }
            }
            return stored;
        });
    }

    /** The reasons of the run's dead letters at these positions; a thousand at a time. */
    public Map<Long, List<Reason>> deadLettersAt(long runId, Collection<Long> positions) {
        if (positions.isEmpty()) {
            return Map.of();
        }
        String sql = "SELECT position, reason FROM dead_letter WHERE run_id = ? AND position IN ("
                + String.join(", ", Collections.nCopies(positions.size(), "?")) + ")";
        return database.inTransaction(connection -> {
            Map<Long, List<Reason>> letters = new HashMap<>();
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                statement.setLong(1, runId);
                int parameter = 2;
                for (long position : positions) {
                    statement.setString(parameter++, Long.toString(position));
                }
                try (ResultSet row = statement.executeQuery()) {
                    while (row.next()) {
                        letters.computeIfAbsent(Long.valueOf(row.getString(1)), at -> new ArrayList<>(1))
                                .add(Reason.of(row.getString(2)));
                    }
                }
            }
            return letters;
        });
    }

    /** How many dead letters the run has at all. */
    public long deadLetters(long runId) {
        return database.inTransaction(connection -> {
            try (PreparedStatement statement =
                    connection.prepareStatement("SELECT count(*) FROM dead_letter WHERE run_id = ?")) {
                statement.setLong(1, runId);
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    return row.getLong(1);
                }
            }
        });
    }
}
