package de.contactsync.keyfile;

import de.contactsync.model.ContactKey;
import de.contactsync.model.JtlId;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.Reason;
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
                    return invalid(position, ids, text, column.title() + " is missing");
                }
                continue;
            }
            Optional<UUID> uuid = column == KeyColumn.TENANT_ID ? ContactKey.parseUuid(id) : JtlId.parse(id);
            if (uuid.isEmpty() && column != KeyColumn.TENANT_ID) {
                return wrongId(position, ids, text, found(column, id));
            }
            if (uuid.isEmpty()) {
                tenantName = name(id);
                if (tenantName == null) {
                    return invalid(position, text, found(column, id) + ": " + JtlId.EXPECTED_UUID);
                }
                continue;
            }
            if (column != KeyColumn.TENANT_ID
                    && JtlId.isNumber(uuid.get())
                    && ContactKey.parseUuid(id).isPresent()) {
                return invalid(
                        position,
                        ids,
                        text,
                        found(column, id) + ": so the database keeps the number " + JtlId.text(uuid.get())
                                + "; expected the id as JTL has it");
            }
            uuids[column.ordinal()] = uuid.get();
        }
        UUID customerId = uuids[KeyColumn.CUSTOMER_ID.ordinal()];
        UUID contactId = uuids[KeyColumn.CONTACT_ID.ordinal()];
        UUID tenantId = uuids[KeyColumn.TENANT_ID.ordinal()];
        return new KeyEntry.Valid(position, new ContactKey(tenantId, customerId, contactId), tenantName, text);
    }

    private static String found(KeyColumn column, String id) {
        return column.title() + " is " + TextDecoder.quoted(id, FOUND_LIMIT);
    }

    /** Of a record that cannot tell its tenant. */
    static KeyEntry.Invalid invalid(long position, String text, String problem) {
        return new KeyEntry.Invalid(position, text, problem);
    }

    static KeyEntry.Invalid invalid(long position, String[] ids, String text, String problem) {
        return invalid(position, ids, text, problem, null);
    }

    /** @param wrongId such as {@code customerId is "x"} */
    static KeyEntry.Invalid wrongId(long position, String[] ids, String text, String wrongId) {
        return invalid(position, ids, text, wrongId + ": " + JtlId.Kind.ANY.expected(), wrongId);
    }

    private static KeyEntry.Invalid invalid(long position, String[] ids, String text, String problem, String wrongId) {
        String tenant = ids[KeyColumn.TENANT_ID.ordinal()];
        UUID tenantId = tenant == null ? null : ContactKey.parseUuid(tenant).orElse(null);
        String tenantName = tenant == null || tenantId != null ? null : name(tenant);
        return new KeyEntry.Invalid(
                position,
                text,
                problem,
                Reason.INVALID_KEY,
                null,
                tenantId,
                new KeyEntry.Invalid.Open(tenantName, wrongId));
    }

    /** Null when it cannot be the name of a tenant. */
    private static String name(String id) {
        return TenantNames.isName(ContactKey.bare(id)) ? ContactKey.bare(id) : null;
    }
}
