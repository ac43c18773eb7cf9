package de.contactsync.resilience;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;

/** The header {@code Retry-After}: seconds or an HTTP date (RFC 9110, section 10.2.3). */
public final class RetryAfter {

    /** Few promise such a header; an absurd value must not stop the work for a day. */
    private static final Duration CAP = Duration.ofMinutes(10);

    private RetryAfter() {}

    /**
     * A date counts from the answer's own {@code Date}: the clocks of two machines may differ by more than the wait.
     *
     * @param date the header {@code Date} of the same answer, or null: then a date tells nothing
     * @return above zero, at most ten minutes; null when the header is absent, unreadable or over already
     */
    public static Duration read(String header, String date) {
        if (header == null) {
            return null;
        }
        String value = header.strip();
        Duration wait;
        try {
            wait = value.matches("\\d{1,10}")
                    ? Duration.ofSeconds(Long.parseLong(value))
                    : date == null ? Duration.ZERO : Duration.between(instant(date), instant(value));
        } catch (DateTimeException e) {
            return null;
        }
        return wait.isNegative() || wait.isZero() ? null : wait.compareTo(CAP) > 0 ? CAP : wait;
    }

    private static Instant instant(String date) {
        return ZonedDateTime.parse(date.strip(), DateTimeFormatter.RFC_1123_DATE_TIME)
                .toInstant();
    }
}
