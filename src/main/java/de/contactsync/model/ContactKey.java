package de.contactsync.model;

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

    /** Straight, English, German and French ones. */
    private static final String QUOTES = "\"'`\u201C\u201D\u201E\u201A\u2018\u2019\u00AB\u00BB\u2039\u203A";

    /** Blanks without a width; spreadsheets and browsers leave them behind when something is copied. */
    private static final String UNSEEN = "\uFEFF\u200B\u2060";

    public ContactKey {
        Objects.requireNonNull(customerId, "customerId");
        Objects.requireNonNull(contactId, "contactId");
    }

    /** Whether it is the same contact, be it of another customer. */
    public boolean isSameContact(ContactKey other) {
        return contactId.equals(other.contactId) && Objects.equals(tenantId, other.tenantId);
    }

    /** This key, with {@code tenant} where the source named none. */
    public ContactKey orTenant(UUID tenant) {
        return tenantId != null || tenant == null ? this : new ContactKey(tenant, customerId, contactId);
    }

    /**
     * Reads a uuid in its canonical form (RFC 9562, section 4), or as systems export it: in either case, without its
     * dashes or with those of a word processor, in braces or parentheses, with blanks or quotation marks around it.
     * {@link UUID#fromString} alone would accept shortened groups such as {@code 1-1-1-1-1}.
     *
     * @return empty when {@code text} is not a uuid
     */
    public static Optional<UUID> parseUuid(String text) {
        String uuid = bare(text);
        if (uuid.startsWith("=")) {
            // Excel writes ="..." where a value is to stay a text.
            uuid = bare(uuid.substring(1));
        }
        if (uuid.length() > 2
                && (uuid.startsWith("{") && uuid.endsWith("}") || uuid.startsWith("(") && uuid.endsWith(")"))) {
            uuid = uuid.substring(1, uuid.length() - 1);
        }
        if (uuid.length() == 32) {
            uuid = uuid.replaceFirst("(.{8})(.{4})(.{4})(.{4})(.{12})", "$1-$2-$3-$4-$5");
        }
        if (uuid.length() != 36) {
            return Optional.empty();
        }
        for (int i = 0; i < 36; i++) {
            char c = uuid.charAt(i);
            boolean dash = i == 8 || i == 13 || i == 18 || i == 23;
            boolean hex = c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F';
            if (dash ? !isDash(c) : !hex) {
                return Optional.empty();
            }
            if (dash && c != '-') {
                uuid = uuid.replace(c, '-');
            }
        }
        return Optional.of(UUID.fromString(uuid));
    }

    /** {@code [\p{Pd}−]} as a regular expression; word processors write others than that of the keyboard. */
    private static boolean isDash(char c) {
        return c == '-' || c == '−' || Character.getType(c) == Character.DASH_PUNCTUATION;
    }

    /** Without the blanks of any kind and the quotation marks around it. */
    public static String bare(String text) {
        int from = 0;
        int to = text.length();
        while (from < to && isAround(text.charAt(from))) {
            from++;
        }
        while (from < to && isAround(text.charAt(to - 1))) {
            to--;
        }
        return text.substring(from, to);
    }

    private static boolean isAround(char c) {
        return Character.isWhitespace(c)
                || Character.isSpaceChar(c)
                || QUOTES.indexOf(c) >= 0
                || UNSEEN.indexOf(c) >= 0;
    }
}
