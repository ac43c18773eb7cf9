package de.contactsync.keyfile;

import de.contactsync.model.ContactKey;
import de.contactsync.model.JtlId;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.TenantNames;
import java.util.Optional;
import java.util.UUID;

/** From the ids as they stand in a record to an entry. */
final class KeyEntryFactory {

    static final String TOO_LONG = "is longer than 64 KiB: expected an entry with a customerId and a contactId";

    private static final int FOUND_LIMIT = 60;
    private static final KeyColumn[] COLUMNS = KeyColumn.values();

    private KeyEntryFactory() {}

    /**
     * @param ids  one text per {@link KeyColumn} in their order, null where the record has none
     * @param text the whole record
     */
    static KeyEntry of(long position, String[] ids, String text) {
        UUID[] uuids = new UUID[ids.length];
        String tenantName = null;
        for (KeyColumn column : COLUMNS) {
            String id = ids[column.ordinal()];
            if (id == null || ContactKey.bare(id).isEmpty()) {
                if (column != KeyColumn.TENANT_ID) {
                    return invalid(position, text, column.title() + " is missing");
                }
                continue;
            }
            Optional<UUID> uuid = column == KeyColumn.TENANT_ID ? ContactKey.parseUuid(id) : JtlId.parse(id);
            if (uuid.isEmpty() && column == KeyColumn.TENANT_ID && TenantNames.isName(ContactKey.bare(id))) {
                tenantName = ContactKey.bare(id);
                continue;
            }
            if (uuid.isEmpty()) {
                String found = TextDecoder.quoted(id, FOUND_LIMIT);
                return invalid(
                        position,
                        text,
                        column.title() + " is " + found + ": " + JtlId.EXPECTED_UUID
                                + (column == KeyColumn.TENANT_ID ? "" : JtlId.OR_NUMBER));
            }
            if (column != KeyColumn.TENANT_ID
                    && JtlId.isNumber(uuid.get())
                    && ContactKey.parseUuid(id).isPresent()) {
                String found = TextDecoder.quoted(id, FOUND_LIMIT);
                return invalid(
                        position,
                        text,
                        column.title() + " is " + found + ": so the database keeps the number " + JtlId.text(uuid.get())
                                + "; expected the id as JTL has it");
            }
            uuids[column.ordinal()] = uuid.get();
        }
        UUID customerId = uuids[KeyColumn.CUSTOMER_ID.ordinal()];
        UUID contactId = uuids[KeyColumn.CONTACT_ID.ordinal()];
        UUID tenantId = uuids[KeyColumn.TENANT_ID.ordinal()];
        return new KeyEntry.Valid(position, new ContactKey(tenantId, customerId, contactId), tenantName);
    }

    static KeyEntry.Invalid invalid(long position, String text, String problem) {
        return new KeyEntry.Invalid(position, TextDecoder.raw(text), problem);
    }
}
