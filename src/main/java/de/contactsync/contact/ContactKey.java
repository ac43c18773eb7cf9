package de.contactsync.contact;

import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/**
 * What identifies a contact at JTL: the pair of ids in the path of "Get Customer Contact", and the tenant whose
 * JTL-Wawi holds it.
 *
 * @param tenantId null while a source has not named one and {@code jtl.tenant-id} has not been applied yet
 */
public record ContactKey(UUID tenantId, UUID customerId, UUID contactId) {

    public ContactKey {
        Objects.requireNonNull(customerId, "customerId");
        Objects.requireNonNull(contactId, "contactId");
    }

    /** This key, with {@code tenant} where the source named none. */
    public ContactKey orTenant(UUID tenant) {
        return tenantId != null || tenant == null ? this : new ContactKey(tenant, customerId, contactId);
    }

    /**
     * Reads a uuid in its canonical form (RFC 9562, section 4), in either case, with blanks around it.
     * {@link UUID#fromString} alone would accept shortened groups such as {@code 1-1-1-1-1}.
     *
     * @return empty when {@code text} is not a uuid
     */
    public static Optional<UUID> parseUuid(String text) {
        String uuid = text.strip();
        if (uuid.length() != 36) {
            return Optional.empty();
        }
        for (int i = 0; i < 36; i++) {
            char c = uuid.charAt(i);
            boolean dash = i == 8 || i == 13 || i == 18 || i == 23;
            boolean hex = c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F';
            if (dash ? c != '-' : !hex) {
                return Optional.empty();
            }
        }
        return Optional.of(UUID.fromString(uuid));
    }
}
