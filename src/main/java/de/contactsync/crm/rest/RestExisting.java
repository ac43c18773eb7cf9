package de.contactsync.crm.rest;

import com.fasterxml.jackson.core.JsonPointer;
import de.contactsync.crm.CrmJson;
import de.contactsync.crm.CrmResponse;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * How a record that is remembered by its id is reported to be there still, and to be its contact's.
 *
 * @param gone    statuses and error codes that say that it is not there
 * @param read    the call that reads it; null when there is none
 * @param readKey where in the answer the key stands; null: where the mapping puts it
 * @param mergedInto where in the answer to {@code read} the id of the record stands that it was merged into; null when
 *        that is not told
 */
public record RestExisting(Set<String> gone, RequestTemplate read, JsonPointer readKey, ValuePointer mergedInto) {

    private static final Set<Integer> MOVED = Set.of(301, 308);

    /**
     * The id of the record that another was merged into: by a permanent redirect to a call of the same form on the CRM's
     * own host, or where {@code mergedInto} says.
     *
     * @param values of the placeholders of the call
     * @return null when it was not
     */
    String movedTo(RequestTemplate call, CrmResponse answer, UnaryOperator<String> values) {
        String id = null;
        if (MOVED.contains(answer.status()) && answer.location() != null) {
            id = call.remoteIdIn(answer.location(), values);
        } else if (mergedInto != null && call == read && answer.foreign() == null) {
            id = mergedInto.text(CrmJson.read(answer));
        }
        String usable = RestResponseParser.usable(id);
        return usable == null || usable.equals(values.apply(RestPlaceholders.REMOTE_ID)) ? null : usable;
    }

    /** By a status where the URL names the record: of any other call it says that the call is wrong. */
    boolean isGone(RequestTemplate call, CrmResponse answer, RestResponseParser answers) {
        return isGone(answer, answers.one(call, answer), call.namesRecord(), call.isAboutRecord());
    }

    /**
     * The same of any record.
     *
     * @param named by the URL of the call
     * @param about whether the call is about it
     */
    boolean isGone(CrmResponse answer, RestResponseParser.Result result, boolean named, boolean about) {
        boolean said = named && gone.contains(Integer.toString(answer.status()))
                || about && result.code() != null && gone.contains(result.code());
        return said && !result.ok() && answer.foreign() == null;
    }
}
