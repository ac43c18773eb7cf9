package de.contactsync.model;

import java.util.List;

/**
 * A part of a run.
 *
 * @param runId      the run in the database
 * @param number     counted from 0; the same source cut again gives the same chunks
 * @param entries    without the duplicates
 * @param duplicates entries left out because their key stood earlier in the run
 */
public record RunChunk(long runId, int number, List<KeyEntry> entries, int duplicates) implements Chunk {

    public RunChunk {
        entries = List.copyOf(entries);
    }

    private record Id(long runId, int number) {}

    @Override
    public int size() {
        return entries.size() + duplicates;
    }

    @Override
    public Object id() {
        return new Id(runId, number);
    }

    @Override
    public String position(int index) {
        return Long.toString(entries.get(index).position());
    }

    /** Short: hundreds of entries are nothing for a log. */
    @Override
    public String toString() {
        return "Chunk[" + number + " of run " + runId + "]";
    }
}
