package de.contactsync.app;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.camel.util.concurrent.CamelThreadFactory;

/** The threads that work on chunks, and so how many chunks are in flight at once. */
final class ChunkThreads {

    /** Full chunks, so that one slow call or one commit does not block others. */
    static final int CHUNKS_IN_FLIGHT = 4;

    /** Where a file names many tenants, and its chunks are small: those of tenants out of reach keep some waiting. */
    private static final int SMALL_CHUNKS_IN_FLIGHT = 32;

    /** Of chunks that are read and wait. */
    private static final int MOST_KEYS_READ = 16_000;

    private ChunkThreads() {}

    /**
     * One thread more than chunks in flight: Camel's splitter keeps one to fetch the next chunk. Virtual ones, although
     * SQLite's driver holds their carrier while it commits: with platform threads an import took 8 % more CPU.
     */
    static ExecutorService of(int chunkSize) {
        int count = 1 + Math.max(CHUNKS_IN_FLIGHT, Math.min(SMALL_CHUNKS_IN_FLIGHT, MOST_KEYS_READ / chunkSize));
        return new ThreadPoolExecutor(
                count,
                count,
                0,
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                new CamelThreadFactory("#name#-#counter#", "chunk", true),
                ChunkThreads::waitForThread);
    }

    /** No chunk is read before there is a thread for it, so that a file of any size takes the same memory. */
    private static void waitForThread(Runnable task, ThreadPoolExecutor executor) {
        try {
            executor.getQueue().put(task);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RejectedExecutionException("interrupted while all chunk threads were busy", e);
        }
    }
}
