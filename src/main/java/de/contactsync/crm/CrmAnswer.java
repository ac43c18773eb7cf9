package de.contactsync.crm;

import de.contactsync.http.QuotaHeaders;
import java.time.Duration;

/**
 * @param quota      null when the answer tells none
 * @param retryAfter null when the answer asks for no wait
 * @param body       may be empty
 */
record CrmAnswer(int status, QuotaHeaders quota, Duration retryAfter, byte[] body) {

    @Override
    public String toString() {
        return "CrmAnswer[" + status + "]";
    }
}
