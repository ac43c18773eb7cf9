package de.contactsync.resilience;

import java.time.Duration;

/**
 * A quota of calls, as it is known now.
 *
 * @param limit          calls in an interval, for all apps together
 * @param callsPerSecond what this process may make of it
 * @param recordsPerCall records of a source that a call has served on average, at least 1
 * @param limiting       whether calls wait for it, and for no other
 */
public record QuotaView(int limit, Duration interval, double callsPerSecond, double recordsPerCall, boolean limiting) {

    public double recordsPerSecond() {
        return callsPerSecond * recordsPerCall;
    }

    public QuotaView notLimiting() {
        return new QuotaView(limit, interval, callsPerSecond, recordsPerCall, false);
    }
}
