package de.contactsync.contact;

import java.util.List;

/**
 * Some entries of one run, worked on together and committed in one transaction.
 *
 * @param runId      the run in the ledger
 * @param number     counted from 0; the same source cut again gives the same chunks
 * @param entries    without the duplicates
 * @param duplicates entries left out because their key stood earlier in the run
 */
public record Chunk(long runId, int number, List<KeyEntry> entries, int duplicates) {

    public Chunk {
        entries = List.copyOf(entries);
    }

    /** Records of the source that this chunk accounts for. */
    public int size() {
        return entries.size() + duplicates;
    }

    /** Short: hundreds of entries are nothing for a log. */
    @Override
    public String toString() {
        return "Chunk[" + number + " of run " + runId + "]";
    }
}
