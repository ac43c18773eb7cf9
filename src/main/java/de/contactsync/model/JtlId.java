package de.contactsync.model;

import java.util.Optional;
import java.util.UUID;

/**
 * The ids of customers and contacts: uuids in API 2, positive numbers of 32 bits in API 1. A number is kept as the uuid
 * {@code 00000000-0000-8000-8000-000000000123} that shows its digits, so that what stores and compares ids need not tell
 * the two apart: RFC 9562, section 5.8, leaves version 8 to those who use it.
 */
public final class JtlId {

    /** What the ids of a tenant are. */
    public enum Kind {
        UUID,
        NUMBER,
        /** Not known yet, so either may be right. */
        ANY;

        /** What is expected in place of something that is no id, for people. */
        public String expected() {
            return switch (this) {
                case UUID -> EXPECTED_UUID;
                case NUMBER -> EXPECTED_NUMBER;
                case ANY -> EXPECTED_UUID + ", or with JTL-Wawi's API 1 " + NUMBER_WORDS;
            };
        }

        /** @param apiVersion such as {@code 1.0} */
        public static Kind of(String apiVersion) {
            return apiVersion.split("\\.", 2)[0].equals("1") ? NUMBER : UUID;
        }
    }

    public static final String EXPECTED_UUID =
            "expected a uuid such as 3f2b8c1e-7d4a-4b6f-9a0e-5c1d2e3f4a5b (36 characters)";

    /** In place of what is neither. */
    public static final String EXPECTED_TENANT = EXPECTED_UUID + ", or a NAME that has settings jtl.tenants.NAME";

    private static final String NUMBER_WORDS = "a whole number from 1 to 2147483647 without leading zeros";

    private static final String EXPECTED_NUMBER =
            "expected " + NUMBER_WORDS + ", as this tenant's JTL-Wawi is called by its API 1";

    private static final long VERSION_8 = 0x8000;
    private static final long VARIANT = 0x8000_0000_0000_0000L;
    private static final long DIGITS = 0xFFFF_FFFF_FFFFL;

    private JtlId() {}

    /** @param number positive */
    public static UUID of(int number) {
        return new UUID(VERSION_8, VARIANT | Long.parseLong(Integer.toString(number), 16));
    }

    /**
     * Reads a uuid, in any form that {@link ContactKey#parseUuid} knows, or a number.
     *
     * @return empty when {@code text} is neither
     */
    public static Optional<UUID> parse(String text) {
        Optional<UUID> uuid = ContactKey.parseUuid(text);
        if (uuid.isPresent()) {
            return uuid;
        }
        String number = ContactKey.bare(text);
        if (number.startsWith("=")) {
            number = ContactKey.bare(number.substring(1));
        }
        return number.matches("[1-9][0-9]{0,9}") && Long.parseLong(number) <= Integer.MAX_VALUE
                ? Optional.of(of(Integer.parseInt(number)))
                : Optional.empty();
    }

    public static boolean isNumber(UUID id) {
        return id.getMostSignificantBits() == VERSION_8
                && (id.getLeastSignificantBits() & ~DIGITS) == VARIANT
                && digits(id).matches("[1-9][0-9]{0,9}");
    }

    /** As JTL writes it. */
    public static String text(UUID id) {
        return isNumber(id) ? digits(id) : id.toString();
    }

    private static String digits(UUID id) {
        return Long.toHexString(id.getLeastSignificantBits() & DIGITS);
    }

    /** Why the tenant cannot have such a contact, for people; empty when it can. */
    public static Optional<String> problem(ContactKey key, Kind kind) {
        if (kind == Kind.ANY) {
            return Optional.empty();
        }
        boolean customer = isNumber(key.customerId()) == (kind == Kind.NUMBER);
        boolean contact = isNumber(key.contactId()) == (kind == Kind.NUMBER);
        return customer && contact
                ? Optional.empty()
                : Optional.of((customer ? "contactId" : "customerId") + " is \""
                        + text(customer ? key.contactId() : key.customerId()) + "\": "
                        + (kind == Kind.UUID
                                ? EXPECTED_UUID + "; numbers are the ids of JTL-Wawi's API 1"
                                : EXPECTED_NUMBER));
    }
}
