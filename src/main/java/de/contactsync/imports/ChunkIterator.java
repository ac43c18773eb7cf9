package de.contactsync.imports;

import de.contactsync.keyfile.UnreadableKeyFileException;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.RunChunk;
import de.contactsync.persistence.RunLease;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.NoSuchElementException;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One pass over the keys of a run, as an iterator over the chunks that are still to do. The first pass of a process
 * reads the keys from the first: that gives the chunks the numbers they had before, and finds the keys that stand there
 * twice; further ones read on. Iterated by one thread; {@link #halt} may come from any.
 */
public final class ChunkIterator implements RunExecution, AutoCloseable {

    /** Chunks that are kept of any size: more than are in flight at once. */
    private static final int FEWEST_KEPT = 8;

    private static final int MOST_KEPT = 20_000;

    private final RunSource origin;
    private final RunLease.Granted claim;
    private final KeyRecordReader records;
    private final long startedNanos = System.nanoTime();
    private final AtomicReference<ProcessingHaltedException> halted = new AtomicReference<>();
    private final AtomicReference<ProcessingHaltedException> defer = new AtomicReference<>();
    /** Read and to be handed out before anything else is read. */
    private final Deque<RunChunk> again = new ArrayDeque<>();
    /** The latest that were handed out; an outage leaves undone only what was in flight. */
    private final Deque<RunChunk> latest = new ArrayDeque<>();

    private int latestRecords;
    private RunChunk next;
    private int number;

    ChunkIterator(RunSource origin, RunLease.Granted claim, KeyRecordReader records) {
        this.origin = origin;
        this.claim = claim;
        this.records = records;
    }

    /**
     * The next pass of the same run, which reads on where this one stopped, so that nothing is read and compared twice
     * however often a run has to wait. This one is used up.
     *
     * @return null when chunks are undone that are not at hand any more: then the keys are read from the first
     */
    ChunkIterator continued(RunLease.Granted anew) {
        BitSet undone = new BitSet();
        undone.set(0, number);
        undone.andNot(anew.doneChunks());
        ChunkIterator run = new ChunkIterator(origin, anew, records);
        for (RunChunk chunk : latest) {
            if (undone.get(chunk.number())) {
                undone.clear(chunk.number());
                run.again.add(chunk);
            }
        }
        if (next != null && undone.get(next.number())) {
            undone.clear(next.number());
            run.again.add(next);
        }
        run.number = number;
        return undone.isEmpty() ? run : null;
    }

    RunSource origin() {
        return origin;
    }

    /** For people: the file, or what stands for it. */
    public String name() {
        return origin.name();
    }

    public long id() {
        return claim.run().id();
    }

    /** Records that were done before this pass. */
    public long resumed() {
        return claim.run().done();
    }

    /** Records there seem to be, for a progress bar; -1 when that shows only at their end. */
    public long expectedRecords() {
        return origin.expectedRecords();
    }

    public double seconds() {
        return (System.nanoTime() - startedNanos) / 1e9;
    }

    /** Ends the run early: chunks that are under way end as they will, no further one begins. */
    public void halt(ProcessingHaltedException reason) {
        halted.compareAndSet(null, reason);
    }

    /**
     * Leaves a chunk for a later pass; those of other tenants continue. Where there can be none, the run is halted, so
     * that the next pass reads on from here and not all keys again. The first reason counts.
     */
    void defer(ProcessingHaltedException reason) {
        if (records.mayNameTenants()) {
            defer.compareAndSet(null, reason);
        } else {
            halt(reason);
        }
    }

    /** Null when no chunk was put off. */
    ProcessingHaltedException defer() {
        return defer.get();
    }

    /** @throws ProcessingHaltedException when no further chunk shall begin */
    void checkActive() {
        if (halted.get() != null) {
            throw halted.get();
        }
    }

    /** Null unless halted. */
    ProcessingHaltedException halted() {
        return halted.get();
    }

    /** Null unless the rest of its keys cannot be read. */
    UnreadableKeyFileException unreadable() {
        return records.unreadable();
    }

    /** Records read so far, done ones included. */
    long records() {
        return records.count();
    }

    /**
     * Once true it stays so until {@link #next}, also when the run is halted in between: Camel's splitter asks twice
     * and would end without waiting for the chunks in flight. {@link #checkActive} keeps such a chunk from beginning.
     */
    @Override
    public boolean hasNext() {
        while (next == null && halted.get() == null) {
            RunChunk chunk;
            try {
                if (again.isEmpty()
                        && claim.doneChunks().get(number)
                        && records.skip(claim.run().chunkSize())) {
                    number++;
                    continue;
                }
                chunk = read();
            } catch (ProcessingHaltedException e) {
                halt(e);
                return false;
            } catch (RuntimeException | StackOverflowError e) {
                halt(new ProcessingHaltedException(name() + " cannot be read on: " + FileNames.reason(e), e));
                return false;
            }
            if (chunk.size() == 0) {
                return false;
            }
            next = chunk;
        }
        return next != null;
    }

    @Override
    public RunChunk next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        RunChunk chunk = next;
        next = null;
        keep(chunk);
        return chunk;
    }

    private void keep(RunChunk chunk) {
        latest.add(chunk);
        latestRecords += chunk.size();
        while (latest.size() > FEWEST_KEPT && latestRecords > MOST_KEPT) {
            latestRecords -= latest.remove().size();
        }
    }

    @Override
    public void close() throws IOException, SQLException {
        try (origin) {
            records.close();
        }
    }

    /**
     * A chunk holds the keys of one tenant, so that an outage of one blocks no other. Which keys it holds follows from
     * its source alone. Empty at the end.
     */
    private RunChunk read() {
        if (!again.isEmpty()) {
            return again.poll();
        }
        KeyRecordReader.Batch batch = records.next(claim.run().chunkSize());
        return new RunChunk(id(), number++, batch.unique(), batch.duplicates());
    }
}
