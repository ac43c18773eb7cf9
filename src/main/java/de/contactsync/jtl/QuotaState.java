package de.contactsync.jtl;

/**
 * How much of a tenant's quota of one endpoint is used.
 *
 * @param limit calls in an interval, at least 1
 * @param used  of these in the interval that ends now, by other apps too as far as JTL tells
 */
public record QuotaState(int limit, int used) {

    public int remaining() {
        return Math.max(0, limit - used);
    }

    /** 0 to 1; more when the limit was lowered meanwhile. */
    public double usedShare() {
        return (double) used / limit;
    }
}
