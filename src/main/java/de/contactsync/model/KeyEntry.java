package de.contactsync.model;

import java.util.UUID;

/** One record of a source: a contact key, or the reason why it is none. */
public sealed interface KeyEntry {

    /** Where it stands in its source: line or element number, counted from 1. */
    long position();

    /** This entry, with {@code tenant} where the source named none; invalid where nobody does. */
    KeyEntry orTenant(UUID tenant);

    record Valid(long position, ContactKey key) implements KeyEntry {

        @Override
        public KeyEntry orTenant(UUID tenant) {
            ContactKey whole = key.orTenant(tenant);
            return whole.tenantId() != null
                    ? new Valid(position, whole)
                    : new Invalid(
                            position,
                            key.customerId() + " " + key.contactId(),
                            "the key names no tenantId and jtl.tenant-id is not set: set it, or give a tenantId with"
                                    + " the"
                                    + " key");
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
        public KeyEntry orTenant(UUID tenant) {
            return this;
        }

        /** Without what stood there, which may be anything: it must not reach a log. */
        @Override
        public String toString() {
            return "Invalid[" + position + "]";
        }
    }
}
