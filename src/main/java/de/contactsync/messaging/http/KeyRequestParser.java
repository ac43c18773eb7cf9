package de.contactsync.messaging.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import de.contactsync.keyfile.JsonLimits;
import de.contactsync.keyfile.KeyMessageParser;
import de.contactsync.keyfile.UnreadableKeyFileException;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.TenantNames;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Set;

/** Reads the keys of a request: a JSON object, an array of them, or JSON Lines. */
final class KeyRequestParser {

    /** All of them are written in one transaction. */
    private static final int MOST_KEYS = 10_000;

    private static final String NO_KEY =
            "The body contains no key: send an object with customerId and contactId, or an array of them";

    static final Set<String> JSON = Set.of("application/json");
    static final Set<String> JSON_LINES =
            Set.of("application/x-ndjson", "application/ndjson", "application/jsonl", "application/json-lines");

    private static final JsonFactory FACTORY = new JsonFactory();

    private final TenantNames tenants;

    /** @param tenants of keys that name none, or name it by its name */
    KeyRequestParser(TenantNames tenants) {
        this.tenants = tenants;
    }

    /**
     * A body that came over HTTP is one JSON value and nothing behind it, as RFC 8259 has it. What a queue or a file
     * brings may be damaged: there, what can be read counts.
     *
     * @throws IllegalArgumentException when it is not, with the place, or when it is beyond the limits of the parser
     */
    private static void requireJson(byte[] body) {
        try (JsonParser json = FACTORY.createParser(body)) {
            JsonToken first = json.nextToken();
            json.skipChildren();
            if (first != null && json.nextToken() != null) {
                throw new IllegalArgumentException(
                        "The JSON value is followed by trailing data, at " + place(json.currentTokenLocation())
                                + ": send one object, or an array of them, and nothing else");
            }
        } catch (StreamConstraintsException e) {
            // Jackson does not say where.
            throw new IllegalArgumentException(
                    "The body has " + JsonLimits.exceeded(e)
                            + ": send only customerId, contactId and, where needed, tenantId",
                    e);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "The body is not JSON: see " + place(e.getLocation()) + ". Send one object, or an array of them",
                    e);
        } catch (IOException e) {
            throw new UncheckedIOException("bytes in memory cannot fail to be read", e);
        }
    }

    private static String place(JsonLocation location) {
        return "line " + location.getLineNr() + ", column " + location.getColumnNr();
    }

    /**
     * @param strict whether somebody waits who can mend what he sent
     * @return one entry for each record
     * @throws RefusedKeysException when it cannot be read to its end, holds no key, or too many, with what to do
     */
    List<KeyEntry> read(boolean lines, byte[] body, boolean strict) {
        List<KeyEntry> entries;
        try {
            if (strict && !lines) {
                requireJson(body);
            }
            entries = (lines ? lines(body) : KeyMessageParser.parse(body, MOST_KEYS))
                    .stream().map(entry -> entry.orTenant(tenants)).toList();
        } catch (IllegalArgumentException e) {
            throw new RefusedKeysException(400, e.getMessage());
        }
        if (entries.size() > MOST_KEYS) {
            throw new RefusedKeysException(413, "More than " + MOST_KEYS + " keys: send them in several parts");
        }
        if (entries.isEmpty()) {
            throw new RefusedKeysException(400, NO_KEY);
        }
        if (strict && entries.stream().noneMatch(KeyEntry.Valid.class::isInstance)) {
            throw new RefusedKeysException(400, ((KeyEntry.Invalid) entries.get(0)).problem());
        }
        return entries;
    }

    private static List<KeyEntry> lines(byte[] body) {
        try {
            return KeyMessageParser.parseLines(body, MOST_KEYS);
        } catch (UnreadableKeyFileException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }
}
