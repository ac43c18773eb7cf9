package de.contactsync.model;

import java.util.Optional;
import java.util.UUID;

/** One record of a source: a contact key, or the reason why it is none. */
public sealed interface KeyEntry {

    /** Where it stands in its source: line or element number, counted from 1. */
    long position();

    /** That it names, by id or by name; null where it names none, or one that nobody knows. */
    UUID tenantId();

    /**
     * This entry with its tenant: by the id or the name that the record has, else that of keys that name none. Invalid
     * where there is no such tenant, or where its API has other ids.
     */
    KeyEntry orTenant(TenantNames tenants);

    /**
     * @param tenantName in place of the key's tenant id; null where the record has an id, or neither
     * @param text       the record, for as long as {@link #orTenant} may find it invalid; null from then on
     */
    record Valid(long position, ContactKey key, String tenantName, String text) implements KeyEntry {

        public Valid(long position, ContactKey key) {
            this(position, key, null, null);
        }

        @Override
        public UUID tenantId() {
            return key.tenantId();
        }

        /** Tells the tenants of a source apart by what it says of them, whatever the settings are; null for none. */
        public UUID namedTenant() {
            return tenantName == null ? key.tenantId() : TenantNames.placeholder(tenantName);
        }

        @Override
        public KeyEntry orTenant(TenantNames tenants) {
            Optional<UUID> tenantId = tenants.id(key.tenantId(), tenantName);
            if (tenantId.isEmpty()) {
                return invalid(
                        null,
                        tenantName == null
                                ? "the key has no tenantId, and jtl.tenant-id is not set: set it, or add a tenantId to"
                                        + " the key"
                                : "tenantId is \"" + tenantName + "\": " + JtlId.EXPECTED_TENANT);
            }
            ContactKey whole = key.orTenant(tenantId.get());
            Optional<String> problem = JtlId.problem(whole, tenants.kind(tenantId.get()));
            return problem.isEmpty()
                    ? new Valid(position, whole)
                    : invalid(namedTenant() == null ? null : tenantId.get(), problem.get());
        }

        private Invalid invalid(UUID tenantId, String problem) {
            return new Invalid(position, raw(), problem, Reason.INVALID_KEY, null, tenantId);
        }

        /** Rebuilt where a list of keys is all that is left of the record. */
        private String raw() {
            return text != null
                    ? text
                    : (key.tenantId() == null ? "" : key.tenantId() + " ") + JtlId.text(key.customerId()) + " "
                            + JtlId.text(key.contactId());
        }

        /** Without the record, which may hold anything: it must not reach a log. */
        @Override
        public String toString() {
            return "Valid[" + position + ", " + key + "]";
        }
    }

    /**
     * @param raw     the first 1 KiB of what stood there, in characters that every database can hold
     * @param problem what is wrong and what was expected, for the person who wrote the file
     * @param reason  what it becomes as a dead letter; another than {@code INVALID_KEY} where it was JTL that failed to
     *     name the keys
     * @param httpStatus of the answer that named none, or null
     * @param tenantId that the record names, or null
     * @param open    what {@link #orTenant} has still to tell; null from then on
     */
    record Invalid(
            long position, String raw, String problem, Reason reason, Integer httpStatus, UUID tenantId, Open open)
            implements KeyEntry {

        /** What is kept of a record, in bytes of UTF-8. */
        public static final int RAW_LIMIT = 1024;

        /**
         * @param tenantName in place of the tenant's id, or null
         * @param wrongId    such as {@code customerId is "x"}: the problem is complete once it is known which kind of
         *     ids the tenant has. Null where the problem is another
         */
        public record Open(String tenantName, String wrongId) {}

        public Invalid {
            raw = head(raw);
        }

        public Invalid(long position, String raw, String problem) {
            this(position, raw, problem, Reason.INVALID_KEY, null, null);
        }

        public Invalid(long position, String raw, String problem, Reason reason, Integer httpStatus, UUID tenantId) {
            this(position, raw, problem, reason, httpStatus, tenantId, null);
        }

        /** The same record, of which something else is worth telling. */
        public Invalid withProblem(String other) {
            Open name = open == null ? null : new Open(open.tenantName, null);
            return new Invalid(position, raw, other, reason, httpStatus, tenantId, name);
        }

        @Override
        public KeyEntry orTenant(TenantNames tenants) {
            if (open == null) {
                return this;
            }
            Optional<UUID> tenant = tenants.id(tenantId, open.tenantName);
            boolean named = tenantId != null || open.tenantName != null;
            return new Invalid(
                    position,
                    raw,
                    open.wrongId == null
                            ? problem
                            : open.wrongId + ": "
                                    + tenant.map(tenants.known())
                                            .orElse(JtlId.Kind.ANY)
                                            .expected(),
                    reason,
                    httpStatus,
                    named ? tenant.orElse(null) : null);
        }

        private static String head(String text) {
            StringBuilder head = new StringBuilder(Math.min(text.length(), RAW_LIMIT));
            int size = 0;
            for (int i = 0; i < text.length(); ) {
                int found = text.codePointAt(i);
                i += Character.charCount(found);
                boolean lone = found >= Character.MIN_SURROGATE && found <= Character.MAX_SURROGATE;
                int kept = found == 0 || lone ? '\uFFFD' : found;
                size += kept < 0x80 ? 1 : kept < 0x800 ? 2 : kept < 0x10000 ? 3 : 4;
                if (size > RAW_LIMIT) {
                    break;
                }
                head.appendCodePoint(kept);
            }
            return head.toString();
        }

        /** Without what stood there, which may be anything: it must not reach a log. */
        @Override
        public String toString() {
            return "Invalid[" + position + "]";
        }
    }
}
