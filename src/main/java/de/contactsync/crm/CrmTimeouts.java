package de.contactsync.crm;

import java.time.Duration;

/**
 * How long the CRM may take.
 *
 * @param response longest silence within a call
 */
public record CrmTimeouts(Duration connect, Duration response) {

    /**
     * A batch of a hundred may take its time, and some CRMs keep a call waiting for half a minute when they are busy.
     */
    public static final CrmTimeouts DEFAULT = new CrmTimeouts(Duration.ofSeconds(5), Duration.ofSeconds(75));

    /** What a whole call may take. */
    public Duration deadline() {
        return response.plusSeconds(15);
    }
}
