package de.contactsync.source;

import de.contactsync.ledger.Run;
import de.contactsync.outage.Outage;
import java.nio.file.Path;

/**
 * How a pass over a file ended.
 *
 * @param run      as it stands in the ledger, null when the file never became a run
 * @param expected records the file seems to have, -1 when that is not known
 * @param resumed  records that were done before this pass
 * @param message  why it did not finish, null when it did
 * @param outage   what the file waits for, null unless it was halted for that
 */
public record FileSummary(
        Path file,
        End end,
        Run run,
        long expected,
        long resumed,
        double seconds,
        String message,
        Outage outage) {

    /** Of a file that was not worked on. */
    public static FileSummary unread(Path file, End end, Run run, String message) {
        return new FileSummary(file, end, run, -1, run == null ? 0 : run.done(), 0, message, null);
    }

    public enum End {
        /** Every record has its outcome. */
        FINISHED,
        /** A failure that concerns all keys: the same file goes on where it stopped. */
        HALTED,
        /** The file, or the rest of it, is no key file. */
        UNREADABLE,
        /** Another process works on it, or it is still being written. */
        BUSY,
        /** The records do not add up: a fault of this program. */
        UNBALANCED
    }

    /** Of the records done in this pass. */
    public double recordsPerSecond() {
        return run == null || seconds == 0 ? 0 : (run.done() - resumed) / seconds;
    }

    /** Without the message, which may quote the file: Camel logs what it hands to a bean. */
    @Override
    public String toString() {
        return "FileSummary[" + file + ", " + end + "]";
    }
}
