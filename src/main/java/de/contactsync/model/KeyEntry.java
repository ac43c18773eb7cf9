package de.contactsync.model;

import java.util.Optional;
import java.util.UUID;

/** One record of a source: a contact key, or the reason why it is none. */
public sealed interface KeyEntry {

    /** Where it stands in its source: line or element number, counted from 1. */
    long position();

    /** This entry, with the id of its tenant where it has that tenant's name; invalid where nobody has that name. */
    KeyEntry withTenantId(TenantNames tenants);

    /** As {@link #withTenantId}, and with the tenant of keys that name none; invalid where there is none either. */
    KeyEntry orTenant(TenantNames tenants);

    /** @param tenantName in place of the key's tenant id; null where the record has an id, or neither */
    record Valid(long position, ContactKey key, String tenantName) implements KeyEntry {

        public Valid(long position, ContactKey key) {
            this(position, key, null);
        }

        /** Tells the tenants of a source apart by what it says of them, whatever the settings are; null for none. */
        public UUID namedTenant() {
            return tenantName == null ? key.tenantId() : TenantNames.placeholder(tenantName);
        }

        @Override
        public KeyEntry withTenantId(TenantNames tenants) {
            if (tenantName == null) {
                return this;
            }
            Optional<UUID> id = tenants.id(tenantName);
            return id.isPresent()
                    ? checked(key.orTenant(id.get()), tenants)
                    : new Invalid(
                            position,
                            raw(),
                            "tenantId is \"" + tenantName + "\": " + JtlId.EXPECTED_UUID
                                    + ", or a NAME that has settings jtl.tenants.NAME");
        }

        @Override
        public KeyEntry orTenant(TenantNames tenants) {
            if (tenantName != null) {
                return withTenantId(tenants);
            }
            ContactKey whole = key.orTenant(tenants.unnamed());
            return whole.tenantId() != null
                    ? checked(whole, tenants)
                    : new Invalid(
                            position,
                            raw(),
                            "the key names no tenantId and jtl.tenant-id is not set: set it, or give a tenantId with"
                                    + " the"
                                    + " key");
        }

        private KeyEntry checked(ContactKey whole, TenantNames tenants) {
            Optional<String> problem = JtlId.problem(whole, tenants.kind(whole.tenantId()));
            return problem.isEmpty() ? new Valid(position, whole) : new Invalid(position, raw(), problem.get());
        }

        private String raw() {
            String tenant = tenantName != null ? tenantName + " " : key.tenantId() != null ? key.tenantId() + " " : "";
            return tenant + JtlId.text(key.customerId()) + " " + JtlId.text(key.contactId());
        }
    }

    /**
     * @param raw     the first 1 KiB of what stood there
     * @param problem what is wrong and what was expected, for the person who wrote the file
     * @param reason  what it becomes as a dead letter; another than {@code INVALID_KEY} where it was JTL that failed to
     *     name the keys
     * @param httpStatus of the answer that named none, or null
     */
    record Invalid(long position, String raw, String problem, Reason reason, Integer httpStatus) implements KeyEntry {

        public Invalid(long position, String raw, String problem) {
            this(position, raw, problem, Reason.INVALID_KEY, null);
        }

        @Override
        public KeyEntry withTenantId(TenantNames tenants) {
            return this;
        }

        @Override
        public KeyEntry orTenant(TenantNames tenants) {
            return this;
        }

        /** Without what stood there, which may be anything: it must not reach a log. */
        @Override
        public String toString() {
            return "Invalid[" + position + "]";
        }
    }
}
