package de.contactsync.crm.rest;

import com.fasterxml.jackson.core.JsonPointer;
import de.contactsync.crm.CrmResponse;
import java.util.Set;

/**
 * How a record that is remembered by its id is reported to be there still, and to be its contact's.
 *
 * @param gone    statuses and error codes that say that it is not there
 * @param read    the call that reads it; null when there is none
 * @param readKey where in the answer the key stands; null: where the mapping puts it
 */
public record RestExisting(Set<String> gone, RequestTemplate read, JsonPointer readKey) {

    /** Of a call that names the record; of any other it says that the call is wrong. */
    boolean isGone(RequestTemplate call, CrmResponse answer, RestResponseParser answers) {
        RestResponseParser.Result result = answers.one(answer);
        boolean said = gone.contains(Integer.toString(answer.status()))
                || result.code() != null && gone.contains(result.code());
        return said && call.namesRecord() && !result.ok() && answer.foreign() == null;
    }
}
