package de.contactsync.persistence;

import java.util.BitSet;

/** The answer to a process that wants to work on a file. */
public sealed interface RunLease {

    /** @param doneChunks numbers of the chunks that are committed already */
    record Granted(Run run, BitSet doneChunks) implements RunLease {

        public boolean resumed() {
            return run.done() > 0;
        }
    }

    /**
     * The run is finished, only what comes after it (moving the file) was cut off.
     *
     * @param problem why the rest of the file could not be read, null when it was read to its end
     */
    record Unclosed(Run run, String problem) implements RunLease {}

    /** @param owner the process that works on it, for people */
    record Busy(String owner) implements RunLease {}
}
