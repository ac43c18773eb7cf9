package de.contactsync.imports;

import de.contactsync.keyfile.KeyReader;
import de.contactsync.keyfile.UnreadableKeyFileException;
import de.contactsync.model.ContactKey;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.TenantNames;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * The records of a source as whoever reads it counts them: keys have their tenant, and those that stood there
 * before are told apart from the others. In the same memory for any number of them. Not thread-safe.
 */
final class KeyRecordReader implements AutoCloseable {

    /** @param unique without the duplicates, in the order of the source */
    record Batch(List<KeyEntry> unique, int duplicates) {

        int size() {
            return unique.size() + duplicates;
        }

        /** The valid keys that have no dead letter at their position. */
        List<ContactKey> keysWithout(Map<Long, ?> deadLetters) {
            List<ContactKey> keys = new ArrayList<>();
            for (KeyEntry entry : unique) {
                if (entry instanceof KeyEntry.Valid valid && !deadLetters.containsKey(entry.position())) {
                    keys.add(valid.key());
                }
            }
            return keys;
        }
    }

    /** Batches' worth of records that are read ahead while none is complete. */
    private static final int MOST_BEGUN = 8;

    private final KeyReader keys;
    private final TenantNames tenants;
    private final DuplicateDetector seen;
    /** Records that are read and not yet in a batch, by the tenant they name. */
    private final Map<UUID, List<KeyEntry>> begun = new LinkedHashMap<>();

    private int begunRecords;
    private UnreadableKeyFileException unreadable;
    private long count;

    KeyRecordReader(KeyReader keys, TenantNames tenants) throws SQLException {
        this.keys = keys;
        this.tenants = tenants;
        this.seen = new DuplicateDetector();
    }

    /**
     * The next records, of one tenant, so that an outage of one blocks no other: {@code most} of them, or fewer where
     * the source ends or names very many tenants. Which ones follows from the source and {@code most} alone. None
     * behind its end, and behind the records in front of what cannot be read.
     */
    Batch next(int most) {
        List<KeyEntry> entries = read(most);
        List<KeyEntry> unique = withoutDuplicates(entries);
        return new Batch(unique, entries.size() - unique.size());
    }

    /** Reads on as {@link #next} does, for a batch that is done. False behind the last. */
    boolean skip(int most) {
        List<KeyEntry> entries = read(most);
        try {
            seen.skip(valid(entries));
        } catch (SQLException e) {
            throw noRoom(e);
        }
        return !entries.isEmpty();
    }

    private List<KeyEntry> read(int most) {
        List<KeyEntry> entries = null;
        try {
            while (entries == null && unreadable == null && keys.hasNext()) {
                entries = add(keys.next(), most);
            }
        } catch (UnreadableKeyFileException e) {
            unreadable = e;
        }
        if (entries == null) {
            entries =
                    begun.isEmpty() ? List.of() : take(begun.keySet().iterator().next());
        }
        return entries;
    }

    /** The records of the next batch when {@code entry} makes one complete, else null. */
    private List<KeyEntry> add(KeyEntry entry, int most) {
        count++;
        UUID named = entry instanceof KeyEntry.Valid valid ? valid.namedTenant() : null;
        List<KeyEntry> entries = begun.computeIfAbsent(named, unknown -> new ArrayList<>());
        entries.add(entry.orTenant(tenants));
        begunRecords++;
        if (entries.size() == most) {
            return take(named);
        }
        return begunRecords < MOST_BEGUN * most ? null : take(largest());
    }

    private UUID largest() {
        return begun.entrySet().stream()
                .max(Comparator.comparingInt(tenant -> tenant.getValue().size()))
                .orElseThrow()
                .getKey();
    }

    private List<KeyEntry> take(UUID named) {
        List<KeyEntry> entries = begun.remove(named);
        begunRecords -= entries.size();
        return entries;
    }

    /** As {@link KeyReader#mayNameTenants}. */
    boolean mayNameTenants() {
        return keys.mayNameTenants();
    }

    /** Records read so far. */
    long count() {
        return count;
    }

    /** Null unless the rest of the source cannot be read. */
    UnreadableKeyFileException unreadable() {
        return unreadable;
    }

    @Override
    public void close() throws IOException, SQLException {
        try (keys) {
            seen.close();
        }
    }

    private List<KeyEntry> withoutDuplicates(List<KeyEntry> entries) {
        boolean[] duplicate;
        try {
            duplicate = seen.add(valid(entries));
        } catch (SQLException e) {
            throw noRoom(e);
        }
        List<KeyEntry> unique = new ArrayList<>(entries.size());
        int i = 0;
        for (KeyEntry entry : entries) {
            if (!(entry instanceof KeyEntry.Valid) || !duplicate[i++]) {
                unique.add(entry);
            }
        }
        return unique;
    }

    private static List<ContactKey> valid(List<KeyEntry> entries) {
        List<ContactKey> valid = new ArrayList<>(entries.size());
        for (KeyEntry entry : entries) {
            if (entry instanceof KeyEntry.Valid key) {
                valid.add(key.key());
            }
        }
        return valid;
    }

    private static ProcessingHaltedException noRoom(SQLException e) {
        return new ProcessingHaltedException(
                "the list of keys seen so far cannot be written to the temporary folder: " + e.getMessage(), e);
    }
}
