package de.contactsync.simulator;

import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/** The ids that the API takes. */
final class Ids {

    private static final Pattern INT = Pattern.compile("-?\\d{1,9}");

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

    /** What {@code x-runas} and {@code x-companyid} may hold. */
    static boolean isIntOrUuid(String text) {
        return INT.matcher(text).matches() || uuid(text).isPresent();
    }
}
