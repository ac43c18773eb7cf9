package de.contactsync.crm;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/**
 * What a CRM has of a contact that was delivered.
 *
 * @param recordId null when there is no record, or none is told of
 * @param fields   of a merged record at most the key, the other contact's; else by their names in the CRM, null for one without a value; what it does not show is not in it
 * @param whole    whether what it does not show has no value
 * @param record   with the types of its values, where a CRM has such as JSON; null else
 */
public record CrmReading(State state, String recordId, Map<String, String> fields, boolean whole, JsonNode record) {

    /** Of which nobody knows what it does not show. */
    public CrmReading(State state, String recordId, Map<String, String> fields) {
        this(state, recordId, fields, false, null);
    }

    /** What is there. */
    public enum State {
        /** The record that was delivered. */
        FOUND,
        MISSING,
        /** Only a record that is another contact's as well. */
        MERGED,
        /** More than one record of the contact. */
        DOUBLED,
        /** The CRM failed on the contact. */
        UNREADABLE
    }

    public static CrmReading of(State state, String recordId) {
        return new CrmReading(state, recordId, Map.of());
    }

    /** Without what is in the fields: a contact must not reach a log by way of a message. */
    @Override
    public String toString() {
        return state + " " + recordId;
    }
}
