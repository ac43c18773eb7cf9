package de.contactsync.resilience;

/**
 * How much of a quota of calls is used.
 *
 * @param limit calls in an interval, at least 1
 * @param used  of these in the interval that ends now, by other apps too as far as the server tells
 */
public record QuotaUsage(int limit, int used) {

    public int remaining() {
        return Math.max(0, limit - used);
    }

    /** 0 to 1; more when the limit was lowered meanwhile. */
    public double usedShare() {
        return (double) used / limit;
    }
}
