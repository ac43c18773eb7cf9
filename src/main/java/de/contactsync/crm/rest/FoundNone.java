package de.contactsync.crm.rest;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import de.contactsync.crm.CrmJson;
import de.contactsync.crm.CrmResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How a CRM answers a call that finds where there is no record, other than by an empty list.
 *
 * @param statuses   that say so
 * @param conditions that must hold of an answer which has nothing where the records would be; without one it says
 *                   nothing
 */
public record FoundNone(Set<Integer> statuses, List<Condition> conditions) {

    /**
     * @param text such as {@code 204,404,/type=list}
     * @throws IllegalArgumentException when it is none
     */
    public static FoundNone parse(String text) {
        Set<Integer> statuses = new HashSet<>();
        List<Condition> conditions = new ArrayList<>();
        for (String part : text.split("\\s*,\\s*")) {
            if (part.matches("[2-4]\\d\\d")) {
                statuses.add(Integer.valueOf(part));
            } else {
                conditions.add(Condition.parse(part));
            }
        }
        return new FoundNone(Set.copyOf(statuses), List.copyOf(conditions));
    }

    /** @param found where the records would be */
    boolean isSaidBy(CrmResponse answer, JsonPointer found) {
        if (answer.foreign() != null) {
            // The page of a proxy that knows no such host or path, say.
            return false;
        }
        if (statuses.contains(answer.status())) {
            return true;
        }
        if (conditions.isEmpty() || answer.status() / 100 != 2) {
            return false;
        }
        JsonNode body = CrmJson.read(answer);
        return body.at(found).isMissingNode() && conditions.stream().allMatch(condition -> condition.holds(body));
    }
}
