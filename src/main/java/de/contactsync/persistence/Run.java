package de.contactsync.persistence;

/**
 * A row of {@code import_run}: what has become of the records of one source so far.
 *
 * @param total   records of the source, null until it has been read to its end
 * @param done    records whose outcome is committed
 * @param movedTo where a finished file belongs, null when it stays or is not finished
 * @param haltReason why it was halted last, or why its source could not be read to its end; null when neither was
 */
public record Run(
        long id,
        String source,
        String fileName,
        String fileHash,
        int chunkSize,
        Long total,
        long done,
        long stored,
        long notFound,
        long rejected,
        long invalid,
        long failed,
        long duplicates,
        State state,
        String movedTo,
        String haltReason) {

    /** As the column {@code state} has it. */
    public enum State {
        RUNNING,
        HALTED,
        FINISHED
    }

    public long deadLetters() {
        return totals().deadLetters();
    }

    /** Of the records read, or of those done as long as the source has not been read to its end. */
    public RunTotals totals() {
        return totals(total == null ? done : total);
    }

    public RunTotals totals(long accepted) {
        return new RunTotals(accepted, stored, notFound, rejected, invalid, failed, duplicates);
    }

    /** Whether its records are done and it still could not be finished. It restarts then. */
    public boolean haltedAtEnd() {
        return state == State.HALTED && total != null;
    }

    /** Whether every record of the source has come to an end that is accounted for. */
    public boolean isReconciled() {
        return total != null && total == done && totals().lost() == 0;
    }
}
