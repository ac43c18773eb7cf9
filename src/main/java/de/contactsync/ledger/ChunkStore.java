package de.contactsync.ledger;

import de.contactsync.contact.Chunk;
import de.contactsync.contact.ContactKey;
import de.contactsync.contact.CustomerContact;
import de.contactsync.contact.EnrichedChunk;
import de.contactsync.contact.KeyEntry;
import de.contactsync.contact.Outcome;
import de.contactsync.contact.Reason;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Writes what came of a chunk: contacts, dead letters and the run's progress in one transaction. A chunk that is
 * committed already is left as it is, so that writing may be repeated when the answer to a commit was lost.
 */
public final class ChunkStore {

    private static final String INSERT_DEAD_LETTER =
            """
            INSERT INTO dead_letter (run_id, source, position, tenant_id, customer_id, contact_id, raw_key, stage,
                reason, http_status, error_code, error_message, errors, attempts, first_failed_at, last_failed_at)
            VALUES (?, (SELECT source FROM import_run WHERE id = ?), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """;

    private static final String ADD_PROGRESS =
            """
            UPDATE import_run SET done = done + ?, stored = stored + ?, not_found = not_found + ?,
                rejected = rejected + ?, invalid = invalid + ?, failed = failed + ?, duplicates = duplicates + ?,
                heartbeat = heartbeat + 1
            WHERE id = ? AND owner = ? AND state = 'running'
            """;

    /** One order for all writers, so that chunks with the same keys cannot lock each other out on PostgreSQL. */
    private static final Comparator<ContactKey> ORDER = Comparator.comparing(ContactKey::tenantId)
            .thenComparing(ContactKey::customerId)
            .thenComparing(ContactKey::contactId);

    private record Letter(KeyEntry entry, Outcome.Failed failure) {}

    private final Database database;
    private final ContactTable contacts;
    private final Clock clock;
    private final String owner;
    private final AtomicReference<Account> committed = new AtomicReference<>(Account.EMPTY);

    public ChunkStore(Database database, RunLedger runs, Clock clock) {
        this.database = database;
        this.contacts = new ContactTable(database.dialect());
        this.clock = clock;
        this.owner = runs.owner();
    }

    /** What has become of the records that this process has committed so far. */
    public Account committed() {
        return committed.get();
    }

    /**
     * A contact that the database refuses for what is in it becomes a dead letter, and costs no other contact.
     *
     * @throws LostRunException when the run belongs to another process by now; nothing was written
     * @throws de.contactsync.contact.HaltException when the database is out of reach; nothing was written
     */
    public void commit(EnrichedChunk enriched) {
        // Each key once: PostgreSQL refuses a statement that would touch a row twice.
        SortedMap<ContactKey, CustomerContact> found = new TreeMap<>(ORDER);
        for (int i = 0; i < enriched.outcomes().size(); i++) {
            if (enriched.outcomes().get(i) instanceof Outcome.Found contact
                    && enriched.chunk().entries().get(i) instanceof KeyEntry.Valid valid) {
                found.put(valid.key(), contact.contact());
            }
        }
        try {
            commit(enriched, found, contacts::writeAtOnce);
        } catch (ContactTable.RowRefusedException e) {
            commit(enriched, found, contacts::writeOneByOne);
        }
    }

    private void commit(
            EnrichedChunk enriched, SortedMap<ContactKey, CustomerContact> found, ContactTable.Writer writer) {
        Chunk chunk = enriched.chunk();
        // Written many times, so put into the database's form once.
        Object now = database.dialect().instant(clock.instant());
        // Stays when the answer to a commit is lost and the next try finds the chunk done.
        AtomicReference<Account> account = new AtomicReference<>(Account.EMPTY);
        database.inTransaction(connection -> {
            if (markChunk(connection, chunk)) {
                ContactTable.Written written = writer.write(connection, found, now);
                List<Letter> letters = letters(enriched, written.refused());
                insert(connection, chunk, letters, now);
                Tally tally = new Tally();
                tally.stored(chunk.entries().size() - letters.size() - written.swallowed());
                letters.forEach(letter -> tally.failed(letter.failure.reason()));
                tally.duplicates(chunk.duplicates());
                account.set(tally.account(chunk.size()));
                addProgress(connection, chunk, account.get());
            } else if (!RunRows.isOf(connection, chunk.runId(), owner)) {
                // Committed by who took the run over: else we would go through the rest of the file behind him.
                throw new LostRunException(chunk.runId());
            }
            return null;
        });
        committed.accumulateAndGet(account.get(), Account::plus);
    }

    private static List<Letter> letters(EnrichedChunk enriched, Map<ContactKey, Outcome.Failed> refused) {
        List<Letter> letters = new ArrayList<>();
        for (int i = 0; i < enriched.outcomes().size(); i++) {
            KeyEntry entry = enriched.chunk().entries().get(i);
            if (enriched.outcomes().get(i) instanceof Outcome.Failed failed) {
                letters.add(new Letter(entry, failed));
            } else if (entry instanceof KeyEntry.Valid valid && refused.containsKey(valid.key())) {
                letters.add(new Letter(entry, refused.get(valid.key())));
            }
        }
        return letters;
    }

    /** Where a key failed, as the column {@code stage} has it. */
    private static String stage(Reason reason) {
        return switch (reason) {
            case INVALID_KEY -> "key";
            case NOT_FOUND, REJECTED, CONTRACT_VIOLATION, RETRIES_EXHAUSTED -> "jtl";
            case SINK_REJECTED -> "sink:database";
        };
    }

    /** False when the chunk is committed already. */
    private static boolean markChunk(Connection connection, Chunk chunk) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO run_chunk (run_id, number) VALUES (?, ?) ON CONFLICT DO NOTHING")) {
            statement.setLong(1, chunk.runId());
            statement.setInt(2, chunk.number());
            return statement.executeUpdate() == 1;
        }
    }

    private void insert(Connection connection, Chunk chunk, List<Letter> letters, Object now) throws SQLException {
        if (letters.isEmpty()) {
            return;
        }
        Dialect dialect = database.dialect();
        try (PreparedStatement statement = connection.prepareStatement(INSERT_DEAD_LETTER)) {
            for (Letter letter : letters) {
                ContactKey key = letter.entry instanceof KeyEntry.Valid valid ? valid.key() : null;
                Outcome.Failed failure = letter.failure;
                statement.setLong(1, chunk.runId());
                statement.setLong(2, chunk.runId());
                statement.setString(3, Long.toString(letter.entry.position()));
                dialect.setUuid(statement, 4, key == null ? null : key.tenantId());
                dialect.setUuid(statement, 5, key == null ? null : key.customerId());
                dialect.setUuid(statement, 6, key == null ? null : key.contactId());
                statement.setString(7, letter.entry instanceof KeyEntry.Invalid invalid ? invalid.raw() : null);
                statement.setString(8, stage(failure.reason()));
                statement.setString(9, failure.reason().code());
                statement.setObject(10, failure.httpStatus(), Types.INTEGER);
                statement.setString(11, failure.errorCode());
                statement.setString(12, failure.errorMessage());
                statement.setString(13, failure.errors());
                statement.setInt(14, failure.attempts());
                statement.setObject(15, now);
                statement.setObject(16, now);
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    private void addProgress(Connection connection, Chunk chunk, Account account) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(ADD_PROGRESS)) {
            statement.setLong(1, account.accepted());
            statement.setLong(2, account.stored());
            statement.setLong(3, account.notFound());
            statement.setLong(4, account.rejected());
            statement.setLong(5, account.invalid());
            statement.setLong(6, account.failed());
            statement.setLong(7, account.duplicates());
            statement.setLong(8, chunk.runId());
            statement.setString(9, owner);
            if (statement.executeUpdate() == 0) {
                throw new LostRunException(chunk.runId());
            }
        }
    }
}
