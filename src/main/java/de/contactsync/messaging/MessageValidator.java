package de.contactsync.messaging;

import de.contactsync.keyfile.KeyMessageParser;
import de.contactsync.model.Digest;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.TenantNames;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Where a message comes in: the keys are parsed, ids are taken over in the form they must have, everything else is
 * dropped. Never fails: what is not a valid key becomes an entry that says why, and so a dead letter.
 */
public final class MessageValidator {

    /** Bytes of a body: some ten thousand keys. */
    public static final int LARGEST = 1024 * 1024;

    /** All of them are written in one transaction. */
    private static final int MOST_KEYS = 10_000;

    private static final int LONGEST_ID = 256;
    /** Given back to the sender, and stored nowhere. */
    private static final int LONGEST_CORRELATION = 8 * 1024;

    /** W3C Trace Context, section 3.2.2: version ff and ids of zeros only are invalid. */
    private static final Pattern TRACEPARENT =
            Pattern.compile("(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

    private final TenantNames tenants;

    /** @param tenants of keys that name none, or name it by its name */
    public MessageValidator(TenantNames tenants) {
        this.tenants = tenants;
    }

    /**
     * @param id            given by the broker, or null
     * @param correlationId given by the sender, or null
     * @param traceparent   given by the sender, or null
     */
    public KeyRequest read(String id, String correlationId, String traceparent, byte[] body) {
        if (body.length > LARGEST) {
            return refuse(
                    id,
                    correlationId,
                    traceparent,
                    body,
                    "the message has " + body.length + " bytes: expected at" + " most " + LARGEST
                            + ", so split it, or put the keys into a file");
        }
        List<KeyEntry> parsed = KeyMessageParser.parse(body, MOST_KEYS);
        if (parsed.size() > MOST_KEYS) {
            return refuse(
                    id,
                    correlationId,
                    traceparent,
                    body,
                    "the message holds more than " + MOST_KEYS + " keys: split" + " it, or put the keys into a file");
        }
        if (parsed.isEmpty()) {
            return refuse(
                    id,
                    correlationId,
                    traceparent,
                    body,
                    "the message contains no key: expected a JSON object with a customerId and a contactId, or an"
                            + " array of such objects");
        }
        List<KeyEntry> entries =
                parsed.stream().map(entry -> entry.orTenant(tenants)).toList();
        return request(id, correlationId, traceparent, body, entries);
    }

    /**
     * A message that is not even looked into.
     *
     * @param body as far as it is there; kept in the dead letter are its first 1 KiB
     */
    public KeyRequest refuse(String id, String correlationId, String traceparent, byte[] body, String problem) {
        String raw = new String(
                Arrays.copyOf(body, Math.min(body.length, KeyEntry.Invalid.RAW_LIMIT)), StandardCharsets.UTF_8);
        KeyEntry entry = new KeyEntry.Invalid(1, raw, problem);
        return request(id, correlationId, traceparent, body, List.of(entry));
    }

    private static KeyRequest request(
            String id, String correlationId, String traceparent, byte[] body, List<KeyEntry> entries) {
        String known = id == null || id.isBlank()
                ? "sha256:" + Digest.of(body)
                : id.length() > LONGEST_ID || id.chars().anyMatch(Character::isISOControl)
                        ? "sha256:" + Digest.of(id)
                        : id;
        boolean correlated =
                correlationId != null && !correlationId.isBlank() && correlationId.length() <= LONGEST_CORRELATION;
        boolean traced = traceparent != null && TRACEPARENT.matcher(traceparent).matches();
        return new KeyRequest(known, correlated ? correlationId : known, traced ? traceparent : null, entries);
    }

    /** An id for a message that has none: the same whenever it is delivered. */
    public static String digest(byte[] body, byte[] more) {
        byte[] all = Arrays.copyOf(body, body.length + more.length);
        System.arraycopy(more, 0, all, body.length, more.length);
        return "sha256:" + Digest.of(all);
    }
}
