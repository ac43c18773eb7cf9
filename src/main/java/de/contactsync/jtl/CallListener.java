package de.contactsync.jtl;

/**
 * Hears of every call to JTL, on the thread that made it, so it must be quick. One that is bound in Camel's registry is
 * found.
 */
@FunctionalInterface
public interface CallListener {

    /** As status of a call whose answer did not come, or not whole. */
    int NO_ANSWER = 0;

    /**
     * @param status of HTTP, or {@link #NO_ANSWER}
     * @param nanos  that the call took, with the wait for a token if there was none
     */
    void ended(int status, long nanos);
}
