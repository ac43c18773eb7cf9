package de.contactsync.imports;

import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.RunChunk;
import de.contactsync.resilience.Outage;
import de.contactsync.resilience.OutageException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.NoSuchElementException;

/** What a route gets when it opens a run: the chunks to do, which may be none. */
public sealed interface RunExecution extends Iterator<RunChunk> permits ChunkIterator, RunExecution.Skipped {

    /** Whether it is not to be worked on now, and may be later. */
    static boolean isBusy(RunExecution execution) {
        return execution instanceof Skipped skipped && skipped.summary().end() == RunSummary.End.BUSY;
    }

    /** A pass that a failure has kept from being begun. */
    static RunExecution notOpened(InboxFile file, ProcessingHaltedException reason) {
        return notOpened(file.toString(), file.path(), reason);
    }

    /** As the other, of keys that stand in no file. */
    static RunExecution notOpened(String name, ProcessingHaltedException reason) {
        return notOpened(name, null, reason);
    }

    private static RunExecution notOpened(String name, Path file, ProcessingHaltedException reason) {
        return new RunExecution.Skipped(RunSummary.notBegun(name, file, reason.getMessage(), outage(reason)));
    }

    /** Null unless that is what the run waits for. */
    static Outage outage(ProcessingHaltedException reason) {
        return reason instanceof OutageException waiting ? waiting.outage() : null;
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
