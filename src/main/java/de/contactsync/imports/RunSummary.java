package de.contactsync.imports;

import de.contactsync.persistence.Run;
import de.contactsync.resilience.Outage;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How a pass over the keys of a run ended.
 *
 * @param name     for people: the file, or what stands for it
 * @param file     as it can be opened, null when the keys stand in none
 * @param run      as it stands in the database, null when it never became one
 * @param expected records there seem to be, -1 when that is not known
 * @param resumed  records that were done before this pass
 * @param message  why it did not finish, null when it did
 * @param outage   what the run waits for, null unless it was halted for that
 */
public record RunSummary(
        String name,
        Path file,
        End end,
        Run run,
        long expected,
        long resumed,
        double seconds,
        String message,
        Outage outage) {

    /**
     * Of keys that were not come to.
     *
     * @param file null when they stand in none
     * @param outage what is waited for, or null
     */
    public static RunSummary notBegun(String name, Path file, String message, Outage outage) {
        return new RunSummary(name, file, End.HALTED, null, -1, 0, 0, message, outage);
    }

    static RunSummary unread(InboxFile file, End end, Run run, String message) {
        return new RunSummary(
                file.toString(), file.path(), end, run, -1, run == null ? 0 : run.done(), 0, message, null);
    }

    public enum End {
        /** Every record has its outcome. */
        FINISHED,
        /** A failure that concerns all keys: the same run continues where it stopped. */
        HALTED,
        /** The keys, or the rest of them, cannot be read. */
        UNREADABLE,
        /** Not to be worked on now: another process does, or the file is still being written. */
        BUSY,
        /** The records do not add up: a fault of this program. */
        UNBALANCED
    }

    /** Whether the pass before this one did the last record, and only what comes after that was left to do. */
    boolean isOfEarlierPass() {
        return run != null && seconds == 0;
    }

    /**
     * The file beside which the reports of an import are, whether it is there or not: that of a replay goes, and its
     * reports are where those of all other keys are.
     */
    public Path reported() {
        Path folder = file.getParent();
        return folder.endsWith(ReplayFileWriter.FOLDER)
                ? folder.resolveSibling(FinishedFiles.DONE).resolve(file.getFileName())
                : file;
    }

    /** The report of its dead letters; null when there is none, as where it is forgotten people that are left out. */
    public Path errorReport() {
        if (file == null || end != End.FINISHED) {
            return null;
        }
        Path report = ErrorReportWriter.beside(reported());
        return Files.exists(report) ? report : null;
    }

    /** Of the records done in this pass. */
    public double recordsPerSecond() {
        return run == null || seconds == 0 ? 0 : (run.done() - resumed) / seconds;
    }

    /** Without the message, which may quote the file: Camel logs what it hands to a bean. */
    @Override
    public String toString() {
        return "RunSummary[" + name + ", " + end + "]";
    }
}
