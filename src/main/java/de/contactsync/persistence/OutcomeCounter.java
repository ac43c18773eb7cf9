package de.contactsync.persistence;

import de.contactsync.model.Reason;

/** Counts records by the columns of {@code import_run}. Not thread-safe. */
public final class OutcomeCounter {

    private long stored;
    private long notFound;
    private long rejected;
    private long invalid;
    private long failed;
    private long duplicates;

    public void stored(long records) {
        stored += records;
    }

    public void duplicates(long records) {
        duplicates += records;
    }

    /** One dead letter. */
    public void failed(Reason reason) {
        switch (reason) {
            case NOT_FOUND -> notFound++;
            case REJECTED -> rejected++;
            case INVALID_KEY -> invalid++;
            case CONTRACT_VIOLATION, RETRIES_EXHAUSTED, SINK_REJECTED -> failed++;
        }
    }

    public RunTotals account(long accepted) {
        return new RunTotals(accepted, stored, notFound, rejected, invalid, failed, duplicates);
    }
}
