package de.contactsync.crm.rest;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import de.contactsync.crm.CrmJson;
import de.contactsync.crm.CrmResponse;
import de.contactsync.crm.rest.StatusMapping.Meaning;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How answers are read. Pointers are JSON Pointers (RFC 6901); of several the first one that is there counts.
 *
 * @param results   array of what became of each record; null when an answer is about one record, or has no such array
 * @param resultKey where in a result the key of its record stands; null when results come in the order of the records
 * @param success   what must hold of a result, or of the whole answer where there are none; null: that it is an object,
 *        or an array with something in it, without a common {@linkplain ErrorShape error}, as far as it has a body
 * @param id        of the record in the CRM
 * @param idRequired whether a record that was created must have one there
 */
public record RestResponseParser(
        JsonPointer results,
        JsonPointer resultKey,
        Condition success,
        List<ValuePointer> id,
        boolean idRequired,
        List<ValuePointer> code,
        List<ValuePointer> message,
        StatusMapping statusMapping) {

    private static final int LONGEST_ID = 200;
    /** The status of an answer is not that of a result in it, which speaks for itself. */
    private static final int OF_A_RESULT = 200;
    /** RFC 9110, sections 15.3.5 and 15.3.6: there is nothing else to be said. */
    private static final Set<Integer> NO_CONTENT = Set.of(204, 205);

    /**
     * @param meaning {@link Meaning#OK} when the record was written
     * @param id      null when it is not told
     * @param no      what {@linkplain ErrorShape says no} in an answer whose status is that of a success; null where
     *        that is not what decides
     */
    record Result(Meaning meaning, String id, String code, String message, String no) {

        boolean ok() {
            return meaning == Meaning.OK;
        }

        /** Of a record it may; a quota that is spent for a whole call is waited for by whoever makes it. */
        boolean mayPass() {
            return meaning == Meaning.RETRY || meaning == Meaning.QUOTA;
        }
    }

    /** What an answer to a call about a single record, or about none, says. */
    Result one(RequestTemplate call, CrmResponse answer) {
        JsonNode body = CrmJson.read(answer);
        JsonNode first = isComplete(answer)
                ? MissingNode.getInstance()
                : body.at(results).path(0);
        Result ofFirst = result(OF_A_RESULT, first, call);
        if (!isAbsent(first) && isBelieved(answer, ofFirst)) {
            return ofFirst;
        }
        return leavesOpen(answer, body, call)
                ? new Result(Meaning.HALT, null, null, null, null)
                : result(answer.status(), body, call);
    }

    /** Whether a 2xx leaves open what was done. */
    private boolean leavesOpen(CrmResponse answer, JsonNode body, RequestTemplate call) {
        if (!call.changes() || answer.status() / 100 != 2) {
            return false;
        }
        if (success == null && (body.isValueNode() && id(body) == null || body.isArray() && isNothing(body))) {
            // Such as "ok", which anybody may say, or a list of nothing.
            return true;
        }
        boolean unclear = success == null
                ? results != null && isAbsent(body.at(results).path(0))
                : isNothing(body) && (success.isNegative() || !success.holds(body));
        return unclear && call.writes() && !NO_CONTENT.contains(answer.status());
    }

    private static boolean isAbsent(JsonNode node) {
        return node.isMissingNode() || node.isNull();
    }

    /** Also of an array of nothing, or an object without a field. */
    private static boolean isNothing(JsonNode node) {
        return isAbsent(node)
                || node.isArray() && node.valueStream().allMatch(RestResponseParser::isAbsent)
                || node.isObject() && node.isEmpty();
    }

    /**
     * Whether an answer to what may have created a record lacks the id that it must have. Only 204 says by itself that
     * a record which was there has been updated.
     */
    boolean lacksId(CrmResponse answer, Result result, boolean created) {
        boolean conclusive = created || success == null && !NO_CONTENT.contains(answer.status());
        return idRequired && conclusive && result.ok() && result.id() == null;
    }

    /** Of a refusal only errors are, unless a setting says how a success looks: others may not have been written. */
    private boolean isBelieved(CrmResponse answer, Result result) {
        return answer.status() / 100 == 2 || success != null || !result.ok();
    }

    private Result result(int status, JsonNode node, RequestTemplate call) {
        return result(status, node, success == null || isShown(node, call));
    }

    /** Only where a record was written there has to be what tells a success. */
    private boolean isShown(JsonNode node, RequestTemplate call) {
        return call.writes()
                ? success.holds(node)
                : !call.changes() && success.isOfTheWhole() || success.isUnharmedBy(node);
    }

    /** Of a record that was written. */
    private Result ofWritten(JsonNode node) {
        return result(OF_A_RESULT, node, success == null || success.holds(node));
    }

    /** @param shown whether {@link #success} is fulfilled, where it is set */
    private Result result(int status, JsonNode node, boolean shown) {
        String code = ValuePointer.text(code(), node);
        String no = status / 100 == 2 && success == null ? ErrorShape.in(node) : null;
        boolean ok = status / 100 == 2 && (success == null ? no == null && !statusMapping.isNamed(code) : shown);
        return new Result(
                ok ? Meaning.OK : statusMapping.of(status, code), id(node), code, ValuePointer.text(message, node), no);
    }

    /** Whether a batch was answered as a whole, and not record by record. */
    boolean isComplete(CrmResponse answer) {
        if (results == null || answer.status() / 100 == 2) {
            return results == null;
        }
        // Some refuse a batch for one bad record, by a status, and say all the same what became of each.
        boolean any = false;
        for (JsonNode each : CrmJson.read(answer).at(results)) {
            any |= isBelieved(answer, ofWritten(each));
        }
        return !any || statusMapping.of(answer.status(), null) != Meaning.REJECT;
    }

    /**
     * Whether the array of results is there.
     *
     * @param mayBeEmpty whether results were found there before, so that there are none for contacts it says nothing of
     */
    boolean hasResults(CrmResponse answer, boolean mayBeEmpty) {
        JsonNode array = CrmJson.read(answer).at(results);
        return array.isArray() && (mayBeEmpty || !array.isEmpty());
    }

    /** What an answer says of each of several records, by their keys; of those it does not speak of there is none. */
    Map<String, Result> each(CrmResponse answer, List<String> keys) {
        JsonNode array = CrmJson.read(answer).at(results);
        Map<String, Result> each = new HashMap<>();
        if (!array.isArray() || resultKey == null && array.size() != keys.size()) {
            // There are none, or which of them is missing cannot be told.
            return each;
        }
        for (int i = 0; i < array.size(); i++) {
            String key =
                    resultKey == null ? keys.get(i) : array.get(i).at(resultKey).asText("");
            // Of one record the only result, where a refusal does not repeat the key.
            boolean ofTheOnly = key.isEmpty() && keys.size() == 1 && array.size() == 1;
            Result result = ofWritten(array.get(i));
            if (!isAbsent(array.get(i)) && isBelieved(answer, result)) {
                each.put(ofTheOnly ? keys.get(0) : key, result);
            }
        }
        return each;
    }

    /**
     * Whether an answer reports records that were written, and cannot be about those that were sent: then the CRM has
     * taken them, and it is not looked in the right place.
     */
    boolean belongsToOthers(CrmResponse answer, List<String> keys) {
        JsonNode array = CrmJson.read(answer).at(results);
        if (resultKey == null) {
            return keys.size() == 1 && array.size() > 1;
        }
        boolean written = false;
        for (JsonNode each : array) {
            Result result = ofWritten(each);
            written |= result.ok() && isBelieved(answer, result);
        }
        return written && Collections.disjoint(each(answer, keys).keySet(), keys);
    }

    private String id(JsonNode node) {
        return usable(ValuePointer.text(id, node));
    }

    /** The id of a record as the CRM tells it; null when it can be none. */
    static String usable(String id) {
        return id == null || id.isBlank() || id.length() > LONGEST_ID || id.matches("\\.+") ? null : id;
    }
}
