package de.contactsync.messaging.http;

import de.contactsync.messaging.MessageValidator;
import de.contactsync.model.ContactKey;
import de.contactsync.model.JtlId;
import de.contactsync.model.KeyEntry;
import de.contactsync.persistence.Dialect;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What requests with an idempotency key were answered with: the table {@code idempotency_key}. Only digests of what
 * senders chose are stored. Thread-safe.
 */
final class IdempotencyKeys {

    /** For how long a request may come again. */
    private static final Duration REMEMBERED = Duration.ofHours(24);

    private static final int PAGE = 1_000;

    private final Dialect dialect;
    private final Clock clock;

    IdempotencyKeys(Dialect dialect, Clock clock) {
        this.dialect = dialect;
        this.clock = clock;
    }

    /** Of a request to {@code POST /contact-keys}; null without a key. */
    static String ofRequest(String key) {
        return key == null ? null : digest(key);
    }

    /**
     * Of what a route of the user hands over: it may split a request, and each part is then one by itself.
     *
     * @param path of the route
     * @param key  null without one
     */
    static String ofPart(String path, String key, List<KeyEntry> part) {
        return key == null ? null : digest(path + '\n' + key + '\n' + fingerprint(part));
    }

    /**
     * Within the transaction that stores the keys of the request.
     *
     * @return what was answered before; {@code receipt} when this is the first such request
     * @throws RefusedKeysException when the idempotency key was used for other keys
     */
    ReceivedKeys.Receipt find(Connection connection, String hash, List<KeyEntry> entries, ReceivedKeys.Receipt receipt)
            throws SQLException {
        String fingerprint = fingerprint(entries);
        Instant now = clock.instant();
        try (PreparedStatement statement =
                connection.prepareStatement("INSERT INTO idempotency_key (hash, body_hash, request_id, keys, invalid,"
                        + " received_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (hash) DO NOTHING")) {
            statement.setString(1, hash);
            statement.setString(2, fingerprint);
            statement.setString(3, receipt.requestId());
            statement.setInt(4, receipt.keys());
            statement.setInt(5, receipt.invalid());
            statement.setObject(6, dialect.instant(now));
            if (statement.executeUpdate() == 1) {
                forgetOld(connection, now);
                return receipt;
            }
        }
        return before(connection, hash, fingerprint, receipt.requestId());
    }

    private static ReceivedKeys.Receipt before(Connection connection, String hash, String fingerprint, String requestId)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT body_hash, request_id, keys, invalid FROM idempotency_key WHERE hash = ?")) {
            statement.setString(1, hash);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                if (!row.getString(1).equals(fingerprint)) {
                    throw new RefusedKeysException(422, "This Idempotency-Key was used for other keys: use a new one");
                }
                // Our own, when the answer to the commit was lost.
                return new ReceivedKeys.Receipt(
                        row.getString(2),
                        row.getInt(3),
                        row.getInt(4),
                        !row.getString(2).equals(requestId));
            }
        }
    }

    /** Of the keys in their order, and not of the bytes: who repeats a request may write the same keys otherwise. */
    private static String fingerprint(List<KeyEntry> entries) {
        StringBuilder text = new StringBuilder();
        for (KeyEntry entry : entries) {
            if (entry instanceof KeyEntry.Valid valid) {
                ContactKey key = valid.key();
                text.append(key.tenantId()).append(' ');
                text.append(JtlId.text(key.customerId())).append(' ').append(JtlId.text(key.contactId()));
            } else {
                text.append(((KeyEntry.Invalid) entry).raw());
            }
            text.append('\n');
        }
        return digest(text.toString());
    }

    private static String digest(String text) {
        return MessageValidator.digest(text.getBytes(StandardCharsets.UTF_8), new byte[0]);
    }

    private void forgetOld(Connection connection, Instant now) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("DELETE FROM idempotency_key WHERE hash IN (SELECT hash FROM"
                        + " idempotency_key WHERE received_at < ? ORDER BY received_at LIMIT ?)")) {
            statement.setObject(1, dialect.instant(now.minus(REMEMBERED)));
            statement.setInt(2, PAGE);
            statement.executeUpdate();
        }
    }
}
