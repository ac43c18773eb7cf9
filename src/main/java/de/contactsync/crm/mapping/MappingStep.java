package de.contactsync.crm.mapping;

import java.util.Map;

/**
 * A further call for a contact, such as for a phone number that is a record of its own.
 *
 * @param parts  what the file says of it beside the fields, by their names
 * @param place  of the step in the file, for messages
 * @param fields of its record; may be none
 */
public record MappingStep(String name, Map<String, String> parts, String place, Mapping fields) {

    /** {@link Mapping#hash} is stored. */
    @Override
    public String toString() {
        return name + parts + fields.hash();
    }
}
