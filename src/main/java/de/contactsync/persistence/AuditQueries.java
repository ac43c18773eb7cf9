package de.contactsync.persistence;

import de.contactsync.model.ContactKey;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** What the tables say of a run, for whoever checks it; writes nothing. */
public final class AuditQueries {

    /** SQLite takes no longer conditions. */
    private static final int CONTACTS_AT_ONCE = 250;

    /** Columns of {@code dead_letter}. */
    public static final String FAILED = "reason, http_status, error_code, error_message, errors, attempts, asked_at";

    private static final String LATEST = "SELECT " + FAILED
            + " FROM dead_letter WHERE tenant_id = ? AND customer_id = ? AND contact_id = ? AND "
            + LatestAnswers.OF_ANSWER;

    private static final String FIRST = " ORDER BY asked_at DESC LIMIT 1";

    private final Database database;

    public AuditQueries(Database database) {
        this.database = database;
    }

    /** The newest finished run of this content, whatever the file was called; else the newest one of all. */
    public Optional<Run> newestRun(String fileHash) {
        return database.inTransaction(connection -> RunTable.newest(connection, fileHash));
    }

    /** Whether a run of this content is finished, and everything around it done. */
    public boolean isClosed(String fileHash) {
        return database.inTransaction(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(
                    "SELECT 1 FROM import_run WHERE file_hash = ? AND state = 'finished' AND closed_at IS NOT NULL")) {
                statement.setString(1, fileHash);
                try (ResultSet row = statement.executeQuery()) {
                    return row.next();
                }
            }
        });
    }

    /** Those of {@code keys}, each with its tenant, that stand in the table {@code contact}; 10,000 at a time. */
    public Set<ContactKey> stored(Collection<ContactKey> keys) {
        return database.inTransaction(connection -> ContactTable.stored(connection, database.dialect(), keys));
    }

    /** Those whose contacts a run did not store, since JTL answered otherwise in a later call. */
    public Set<ContactKey> superseded(long runId, Collection<ContactKey> keys) {
        if (keys.isEmpty()) {
            return Set.of();
        }
        return database.inTransaction(connection -> {
            Set<ContactKey> superseded = new HashSet<>();
            try (PreparedStatement statement = connection.prepareStatement(
                    LATEST + " AND last_failed_at >= (SELECT started_at FROM import_run WHERE id = ?)" + FIRST)) {
                for (ContactKey key : keys) {
                    statement.setLong(database.dialect().setKey(statement, 1, key), runId);
                    try (ResultSet row = statement.executeQuery()) {
                        if (row.next()) {
                            superseded.add(key);
                        }
                    }
                }
            }
            return superseded;
        });
    }

    /** JTL's latest answer for a contact that is not stored. */
    public Optional<Outcome.Failed> latestFailure(ContactKey key) {
        return database.inTransaction(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(LATEST + FIRST)) {
                database.dialect().setKey(statement, 1, key);
                try (ResultSet row = statement.executeQuery()) {
                    return row.next() ? Optional.of(failed(row)) : Optional.empty();
                }
            }
        });
    }

    /** Of {@link #FAILED}, which the columns begin with. */
    public static Outcome.Failed failed(ResultSet row) throws SQLException {
        int number = row.getInt(2);
        Integer status = row.wasNull() ? null : number;
        return new Outcome.Failed(
                Reason.of(row.getString(1)),
                status,
                row.getString(3),
                row.getString(4),
                row.getString(5),
                row.getInt(6),
                row.getLong(7));
    }

    /** Those of {@code keys}, each with its tenant, that stand in the table {@code contact}, as they stand there. */
    public Map<ContactKey, Outcome.Found> contacts(List<ContactKey> keys) {
        Map<ContactKey, Outcome.Found> contacts = new HashMap<>();
        for (int from = 0; from < keys.size(); from += CONTACTS_AT_ONCE) {
            List<ContactKey> some = keys.subList(from, Math.min(keys.size(), from + CONTACTS_AT_ONCE));
            contacts.putAll(
                    database.inTransaction(connection -> ContactTable.read(connection, database.dialect(), some)));
        }
        return contacts;
    }

    /** The reasons of the run's dead letters at these positions; 10,000 at a time. */
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

    /**
     * Hands the run's dead letters to {@code reader} in the order of the file, each once, without holding them all;
     * discarded ones are left out.
     */
    public void deadLetters(long runId, Consumer<DeadLetter> reader) {
        RunDeadLetters.Page page = new RunDeadLetters.Page(List.of(), Long.MIN_VALUE, 0);
        do {
            RunDeadLetters.Page behind = page;
            page = database.inTransaction(connection -> RunDeadLetters.next(connection, runId, behind));
            page.letters().forEach(reader);
        } while (!page.letters().isEmpty());
    }

    /** Whether {@link #deadLetters} would hand out any. */
    public boolean hasDeadLetters(long runId) {
        return database.inTransaction(connection -> RunDeadLetters.anyOf(connection, runId));
    }
}
