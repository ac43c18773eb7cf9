package de.contactsync.persistence;

/**
 * What has become of the records of a source, by number of records.
 *
 * @param accepted records that the source held
 */
public record RunTotals(
        long accepted, long stored, long notFound, long rejected, long invalid, long failed, long duplicates) {

    public static final RunTotals EMPTY = new RunTotals(0, 0, 0, 0, 0, 0, 0);

    RunTotals plus(RunTotals other) {
        return new RunTotals(
                accepted + other.accepted,
                stored + other.stored,
                notFound + other.notFound,
                rejected + other.rejected,
                invalid + other.invalid,
                failed + other.failed,
                duplicates + other.duplicates);
    }

    public long deadLetters() {
        return notFound + rejected + invalid + failed;
    }

    /** Records without an end that is accounted for; below 0 when some were counted twice. */
    public long lost() {
        return accepted - stored - deadLetters() - duplicates;
    }

    /** The line that each run ends with. */
    @Override
    public String toString() {
        return "accepted %d = %d stored + %d not found + %d rejected + %d invalid + %d failed + %d duplicates, lost %d"
                .formatted(accepted, stored, notFound, rejected, invalid, failed, duplicates, lost());
    }
}
