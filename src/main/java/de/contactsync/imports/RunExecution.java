package de.contactsync.imports;

import de.contactsync.model.RunChunk;
import java.util.Iterator;
import java.util.NoSuchElementException;

/** What a route gets when it opens a run: the chunks to do, which may be none. */
public sealed interface RunExecution extends Iterator<RunChunk> permits ChunkIterator, RunExecution.Skipped {

    /** Whether it is not to be worked on now, and may be later. */
    static boolean isBusy(RunExecution execution) {
        return execution instanceof Skipped skipped && skipped.summary().end() == RunSummary.End.BUSY;
    }

    /** Nothing to ask JTL for; the summary says why. */
    record Skipped(RunSummary summary) implements RunExecution {

        @Override
        public boolean hasNext() {
            return false;
        }

        @Override
        public RunChunk next() {
            throw new NoSuchElementException();
        }
    }
}
