package de.contactsync.crm.mapping;

import de.contactsync.keyfile.KeyColumn;
import de.contactsync.model.ContactKey;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * What a {@link LookupFile} has of the columns that are used.
 *
 * @param ids   by which its rows are found
 * @param names of its columns
 * @param rows  their values, null where there is none
 */
record Lookup(List<KeyColumn> ids, List<String> names, Map<List<UUID>, String[]> rows) {

    /** Null where there is no row, or no value in it. */
    String value(String name, ContactKey contact) {
        List<UUID> key = ids.stream()
                .map(id -> switch (id) {
                    case TENANT_ID -> contact.tenantId();
                    case CUSTOMER_ID -> contact.customerId();
                    case CONTACT_ID -> contact.contactId();
                })
                .toList();
        String[] row = rows.get(key);
        return row == null ? null : row[names.indexOf(name)];
    }

    /** The same whatever the order of the rows. */
    @Override
    public String toString() {
        return rows.entrySet().stream()
                .map(row -> row.getKey() + "=" + Arrays.toString(row.getValue()))
                .sorted()
                .collect(Collectors.joining("\n", ids + " " + names + "\n", ""));
    }
}
