package de.contactsync.http;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;

/** The header {@code Retry-After}: seconds or an HTTP date (RFC 9110, section 10.2.3). */
public final class RetryAfter {

    /** Few promise such a header; an absurd value must not stop the work for a day. */
    private static final Duration CAP = Duration.ofMinutes(10);

    private RetryAfter() {}

    /** @return above zero, at most ten minutes; null when the header is absent, unreadable or over already */
    public static Duration read(String header, Clock clock) {
        if (header == null) {
            return null;
        }
        String value = header.strip();
        Duration wait;
        try {
            wait = value.matches("\\d{1,10}")
                    ? Duration.ofSeconds(Long.parseLong(value))
                    : Duration.between(clock.instant(),
                            ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
        } catch (DateTimeException e) {
            return null;
        }
        return wait.isNegative() || wait.isZero() ? null : wait.compareTo(CAP) > 0 ? CAP : wait;
    }
}
