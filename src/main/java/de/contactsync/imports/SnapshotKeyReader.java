package de.contactsync.imports;

import de.contactsync.keyfile.KeyReader;
import de.contactsync.model.KeyEntry;
import de.contactsync.persistence.KeySnapshotStore;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.BooleanSupplier;

/** Reads the list of a scheduled run's keys, to which more may come while it is read. Not thread-safe. */
final class SnapshotKeyReader implements KeyReader {

    private static final int AT_ONCE = 5_000;

    private final KeySnapshotStore lists;
    private final long runId;
    private final BooleanSupplier more;
    private Iterator<KeyEntry> entries = List.<KeyEntry>of().iterator();
    private long position;
    private boolean ended;

    /** @param more adds to the list, or returns false when it is whole */
    SnapshotKeyReader(KeySnapshotStore lists, long runId, BooleanSupplier more) {
        this.lists = lists;
        this.runId = runId;
        this.more = more;
    }

    @Override
    public boolean hasNext() {
        while (!entries.hasNext() && !ended) {
            entries = lists.read(runId, position, AT_ONCE).iterator();
            ended = !entries.hasNext() && !more.getAsBoolean();
        }
        return entries.hasNext();
    }

    @Override
    public KeyEntry next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        KeyEntry entry = entries.next();
        position = entry.position();
        return entry;
    }

    @Override
    public void close() {
        ended = true;
        entries = List.<KeyEntry>of().iterator();
    }
}
