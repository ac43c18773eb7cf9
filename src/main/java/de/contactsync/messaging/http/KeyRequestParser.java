package de.contactsync.messaging.http;

import de.contactsync.keyfile.KeyFile;
import de.contactsync.keyfile.KeyMessageParser;
import de.contactsync.keyfile.UnreadableKeyFileException;
import de.contactsync.model.KeyEntry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** Reads the keys of a request: a JSON object, an array of them, or JSON Lines. */
final class KeyRequestParser {

    /** All of them are written in one transaction. */
    static final int MOST_KEYS = 10_000;

    static final Set<String> JSON = Set.of("application/json");
    static final Set<String> JSON_LINES =
            Set.of("application/x-ndjson", "application/ndjson", "application/jsonl", "application/json-lines");

    private final UUID tenantId;

    /** @param tenantId tenant of keys that name none, or null */
    KeyRequestParser(UUID tenantId) {
        this.tenantId = tenantId;
    }

    /**
     * @return one entry for each record; one more than {@link #MOST_KEYS} where there are more
     * @throws IllegalArgumentException when it cannot be read to its end, with what to do
     */
    List<KeyEntry> read(boolean lines, byte[] body) {
        List<KeyEntry> entries = lines ? lines(body) : KeyMessageParser.parse(body, MOST_KEYS);
        return entries.stream().map(entry -> entry.orTenant(tenantId)).toList();
    }

    private static List<KeyEntry> lines(byte[] body) {
        List<KeyEntry> entries = new ArrayList<>();
        try (KeyFile keys = KeyFile.open("request.ndjson", new ByteArrayInputStream(body))) {
            while (keys.hasNext() && entries.size() <= MOST_KEYS) {
                entries.add(keys.next());
            }
        } catch (UnreadableKeyFileException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException("bytes in memory cannot fail to be read", e);
        }
        return entries;
    }
}
