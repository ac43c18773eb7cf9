package de.contactsync.crm;

import de.contactsync.resilience.QuotaHeaders;
import java.time.Duration;
import java.util.Map;

/**
 * @param headers    those that the kind wants, in lower case; null where there is none
 * @param quota      null when the answer tells none
 * @param retryAfter null when the answer asks for no wait
 * @param location   path, without that of the base URL, which a redirect names on the CRM's own host; null else
 * @param body       may be empty
 * @param foreign    what its body is when the CRM itself cannot have sent it, see {@link AcceptedTypes}; null else
 */
public record CrmResponse(
        int status,
        Map<String, String> headers,
        QuotaHeaders quota,
        Duration retryAfter,
        String location,
        byte[] body,
        String foreign) {

    /** The status of a call that nobody answered. */
    public static final int UNANSWERED = 0;

    static CrmResponse unanswered() {
        return new CrmResponse(UNANSWERED, Map.of(), null, null, null, new byte[0], null);
    }

    /** For a dead letter: null when nobody answered. */
    public static Integer httpStatus(int status) {
        return status == UNANSWERED ? null : status;
    }

    @Override
    public String toString() {
        return "CrmAnswer[" + status + "]";
    }
}
