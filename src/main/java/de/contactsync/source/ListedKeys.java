package de.contactsync.source;

import de.contactsync.contact.KeyEntry;
import de.contactsync.keys.KeyReader;
import de.contactsync.ledger.KeyLists;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/** Reads the list of a scheduled run's keys. Not thread-safe. */
final class ListedKeys implements KeyReader {

    private static final int AT_ONCE = 5_000;

    private final KeyLists lists;
    private final long runId;
    private Iterator<KeyEntry> entries = List.<KeyEntry>of().iterator();
    private long position;
    private boolean ended;

    ListedKeys(KeyLists lists, long runId) {
        this.lists = lists;
        this.runId = runId;
    }

    @Override
    public boolean hasNext() {
        if (!entries.hasNext() && !ended) {
            entries = lists.read(runId, position, AT_ONCE).iterator();
            ended = !entries.hasNext();
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
