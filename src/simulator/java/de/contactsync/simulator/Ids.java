package de.contactsync.simulator;

import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/** The ids that the API takes. */
final class Ids {

    private static final Pattern INT = Pattern.compile("-?\\d{1,9}");

    /** A uuid of version 8, which nobody else makes. */
    private static final String NUMBER = "00000000-0000-8000-8000-";

    private Ids() {}

    /** Canonical form only (RFC 9562, section 4), in either case; UUID.fromString would take {@code 1-1-1-1-1} too. */
    static Optional<UUID> uuid(String text) {
        if (text == null || text.length() != 36) {
            return Optional.empty();
        }
        for (int i = 0; i < 36; i++) {
            boolean dash = i == 8 || i == 13 || i == 18 || i == 23;
            char c = text.charAt(i);
            if (dash ? c != '-' : c > 'f' || Character.digit(c, 16) < 0) {
                return Optional.empty();
            }
        }
        return Optional.of(UUID.fromString(text));
    }

    /** A positive number of 32 bits, as the uuid whose last digits it is: an id of API 1. */
    static Optional<UUID> number(String text) {
        return text != null && text.matches("[1-9][0-9]{0,9}") && Long.parseLong(text) <= Integer.MAX_VALUE
                ? Optional.of(UUID.fromString(NUMBER + "0".repeat(12 - text.length()) + text))
                : Optional.empty();
    }

    /** What {@link #number} was made from; empty where it is a uuid that came from elsewhere. */
    static Optional<Long> number(UUID id) {
        String text = id.toString();
        return text.startsWith(NUMBER) && text.substring(NUMBER.length()).matches("00[0-9]{10}")
                ? Optional.of(Long.parseLong(text.substring(NUMBER.length())))
                : Optional.empty();
    }

    /** What {@code x-runas} and {@code x-companyid} may hold. */
    static boolean isIntOrUuid(String text) {
        return INT.matcher(text).matches() || uuid(text).isPresent();
    }
}
