package de.contactsync.crm;

import java.time.Duration;

/**
 * How long the CRM may take.
 *
 * @param response longest silence within a call
 * @param patience how long it may fail on one contact, with nothing else to send, until that is about the contact
 */
public record CrmTimeouts(Duration connect, Duration response, Duration patience) {

    private static final Duration LONGEST_PATIENCE = Duration.ofMinutes(5);

    /**
     * A batch of a hundred may take its time, and some CRMs keep a call waiting for half a minute when they are busy.
     */
    public static final CrmTimeouts DEFAULT =
            new CrmTimeouts(Duration.ofSeconds(5), Duration.ofSeconds(75), LONGEST_PATIENCE);

    /** @param maxWait how long an import waits for a sink that is unavailable: it is to see what becomes of a contact */
    public static CrmTimeouts of(Duration connect, Duration response, Duration maxWait) {
        Duration half = maxWait.dividedBy(2);
        return new CrmTimeouts(connect, response, half.compareTo(LONGEST_PATIENCE) < 0 ? half : LONGEST_PATIENCE);
    }

    /** What a whole call may take. */
    public Duration deadline() {
        return response.plusSeconds(15);
    }
}
