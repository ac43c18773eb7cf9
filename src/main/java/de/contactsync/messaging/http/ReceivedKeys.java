package de.contactsync.messaging.http;

import de.contactsync.messaging.KeyResult;
import de.contactsync.model.ContactKey;
import de.contactsync.model.EnrichedChunk;
import de.contactsync.model.KeyEntry;
import de.contactsync.outbox.Channel;
import de.contactsync.persistence.Database;
import de.contactsync.persistence.Dialect;
import de.contactsync.persistence.RunStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Keys that were accepted and have not come to their end: the table {@code received_key}. They are there before they
 * are acknowledged, and until what came of them is stored. Thread-safe.
 */
public final class ReceivedKeys {

    /** As the column {@code dead_letter.source} has it. */
    static final String SOURCE = "http";

    /** So many may wait; then no more are accepted from senders that can wait. */
    private static final long MOST_WAITING = 100_000;

    /**
     * What is answered to a request.
     *
     * @param keys    in it, with those that are not valid
     * @param invalid of them
     * @param again   whether it had been accepted before
     */
    public record Receipt(String requestId, int keys, int invalid, boolean again) {}

    private final class Waiter {
        private final Map<Integer, KeyResult> results = new TreeMap<>();
        private final int keys;
        private final CompletableFuture<List<KeyResult>> done = new CompletableFuture<>();

        Waiter(int keys) {
            this.keys = keys;
        }

        synchronized void add(KeyResult result) {
            int number = result.messageId().indexOf('#');
            results.put(number < 0 ? 1 : Integer.parseInt(result.messageId().substring(number + 1)), result);
            if (results.size() == keys) {
                done.complete(List.copyOf(results.values()));
            }
        }
    }

    private final Database database;
    private final Dialect dialect;
    private final IdempotencyKeys requests;
    private final Channel<ReceivedKey> channel;
    private final ReceivedResults stored;
    private final Map<String, Waiter> waiters = new ConcurrentHashMap<>();
    private final AtomicLong waiting;

    public ReceivedKeys(Database database, RunStore runs, Clock clock) {
        this.database = database;
        this.dialect = database.dialect();
        this.requests = new IdempotencyKeys(database.dialect(), clock);
        this.channel = Channel.deleting(database, runs, clock, "received_key", SOURCE, ReceivedKey::read);
        this.stored = new ReceivedResults(database);
        this.waiting = new AtomicLong(channel.pending());
    }

    /** @throws RefusedKeysException when so many keys wait that a sender should wait with more */
    void requireRoom() {
        if (waiting.get() >= MOST_WAITING) {
            // Other processes work on them as well.
            waiting.set(channel.pending());
        }
        if (waiting.get() >= MOST_WAITING) {
            throw new RefusedKeysException(503, "Too many keys are waiting: send these again");
        }
    }

    /** How many wait, as far as this process knows. */
    public long waiting() {
        return waiting.get();
    }

    boolean isAway() {
        return database.isAway();
    }

    /**
     * Stores keys; once this returns, they are worked on whatever happens to this process.
     *
     * @param idempotencyKey as {@link IdempotencyKeys} makes it; null when the request is never repeated
     * @param wait           whether {@link #results} will be asked for
     * @throws RefusedKeysException when the idempotency key was used for other keys
     */
    Receipt accept(List<KeyEntry> entries, String idempotencyKey, boolean wait) {
        String id = UUID.randomUUID().toString();
        int invalid = (int)
                entries.stream().filter(KeyEntry.Invalid.class::isInstance).count();
        Receipt first = new Receipt(id, entries.size(), invalid, false);
        if (wait) {
            waiters.put(id, new Waiter(entries.size()));
        }
        Receipt receipt;
        try {
            receipt = database.inTransaction(connection -> {
                Receipt answered =
                        idempotencyKey == null ? first : requests.find(connection, idempotencyKey, entries, first);
                // Not the same object: what is in the table was stored with it.
                if (answered == first) {
                    insert(connection, id, entries);
                }
                return answered;
            });
        } catch (RuntimeException e) {
            waiters.remove(id);
            throw e;
        }
        if (receipt.again()) {
            waiters.remove(id);
        } else {
            waiting.addAndGet(entries.size());
            channel.wake();
        }
        return receipt;
    }

    private void insert(Connection connection, String id, List<KeyEntry> entries) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("INSERT INTO received_key (position, tenant_id,"
                + " customer_id, contact_id, raw_key, problem, channel) VALUES (?, ?, ?, ?, ?, ?, ?)")) {
            for (int i = 0; i < entries.size(); i++) {
                ContactKey key = entries.get(i) instanceof KeyEntry.Valid valid ? valid.key() : null;
                KeyEntry.Invalid invalid = entries.get(i) instanceof KeyEntry.Invalid broken ? broken : null;
                statement.setString(1, position(id, entries.size(), i));
                dialect.setUuid(statement, 2, entries.get(i).tenantId());
                dialect.setUuid(statement, 3, key == null ? null : key.customerId());
                dialect.setUuid(statement, 4, key == null ? null : key.contactId());
                statement.setString(5, invalid == null ? null : invalid.raw());
                statement.setString(6, invalid == null ? null : invalid.problem());
                statement.setString(7, SOURCE);
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    /** @param index of a key in its request, from 0 */
    static String position(String requestId, int keys, int index) {
        return keys == 1 ? requestId : requestId + "#" + (index + 1);
    }

    /** @return empty while not all of the keys have come to their end, in whatever process */
    public Optional<List<KeyResult>> storedResults(String requestId, List<KeyEntry> entries) {
        return stored.of(requestId, entries);
    }

    /**
     * What comes of the keys of a request that was accepted by this process; completes never where another process
     * works on some of them.
     */
    public CompletableFuture<List<KeyResult>> results(String requestId) {
        Waiter waiter = waiters.get(requestId);
        return waiter == null ? new CompletableFuture<>() : waiter.done;
    }

    /** Nobody waits for them any longer. */
    public void forgetResults(String requestId) {
        waiters.remove(requestId);
    }

    /** Those that were tried least, tenant by tenant: one that is away must hold up no other. */
    List<ReceivedBatch> claim(int most) {
        Map<Object, List<Channel.Entry<ReceivedKey>>> tenants = new LinkedHashMap<>();
        for (Channel.Entry<ReceivedKey> each :
                channel.claim(most, Duration.ZERO).entries()) {
            Object tenant = each.event().entry() instanceof KeyEntry.Valid valid
                    ? valid.key().tenantId()
                    : "";
            tenants.computeIfAbsent(tenant, first -> new ArrayList<>()).add(each);
        }
        return tenants.values().stream().map(ReceivedBatch::new).toList();
    }

    void awaitWork(Duration most) throws InterruptedException {
        channel.awaitWork(most);
    }

    void wake() {
        channel.wake();
    }

    /** What came of a batch is stored. Called by its route. */
    public void done(ReceivedBatch batch, EnrichedChunk enriched) {
        for (KeyResult result : batch.results(enriched)) {
            Waiter waiter = waiters.get(result.messageId().replaceFirst("#.*", ""));
            if (waiter != null) {
                waiter.add(result);
            }
        }
    }

    /** These have come to their end; what else was claimed is tried again after the others. */
    void record(Collection<Long> done) {
        channel.record(done, Set.of());
        waiting.addAndGet(-done.size());
    }

    void release() {
        channel.release();
    }
}
