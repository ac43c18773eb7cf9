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

    /** By a status where the URL names the record: of any other call it says that the call is wrong. */
    boolean isGone(RequestTemplate call, CrmResponse answer, RestResponseParser answers) {
        RestResponseParser.Result result = answers.one(call, answer);
        boolean said = call.namesRecord() && gone.contains(Integer.toString(answer.status()))
                || call.isAboutRecord() && result.code() != null && gone.contains(result.code());
        return said && !result.ok() && answer.foreign() == null;
    }
}
