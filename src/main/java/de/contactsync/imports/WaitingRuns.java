package de.contactsync.imports;

import java.io.IOException;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes that an outage stopped, kept open so that the next ones need not read their keys from the first. Thread-safe.
 */
final class WaitingRuns {

    private static final Logger LOG = LoggerFactory.getLogger(WaitingRuns.class);

    /** Each holds its file open, and its list of keys among the temporary files. */
    private static final int MOST = 4;

    private final Map<Long, ChunkIterator> runs = new LinkedHashMap<>();

    synchronized void put(ChunkIterator run) {
        close(runs.put(run.id(), run));
        if (runs.size() > MOST) {
            close(take(runs.keySet().iterator().next()));
        }
    }

    /** Null when it is not among them. */
    synchronized ChunkIterator take(long runId) {
        return runs.remove(runId);
    }

    private static void close(ChunkIterator run) {
        if (run != null) {
            try {
                run.close();
            } catch (IOException | SQLException e) {
                LOG.debug("{} cannot be closed", run.name(), e);
            }
        }
    }
}
