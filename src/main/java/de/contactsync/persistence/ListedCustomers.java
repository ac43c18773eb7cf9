package de.contactsync.persistence;

/**
 * What became of the customers that a run went through.
 *
 * @param listed    that JTL named
 * @param failed    of these, whose contacts could not be listed
 * @param total     by JTL's own count, -1 when it did not say
 * @param brokenOff whether the list ended in a way that does not show whether it was whole
 */
public record ListedCustomers(long listed, long failed, long total, boolean brokenOff) {

    public boolean differs() {
        return total >= 0 && total != listed;
    }

    @Override
    public String toString() {
        return listed + " customers listed, the contacts of " + (listed - failed) + " read, " + failed + " failed"
                + (brokenOff ? ", the list broke off" : "");
    }
}
