package de.contactsync.resilience;

import de.contactsync.http.HttpDate;
import java.time.Duration;
import java.time.Instant;

/** The header {@code Retry-After}: seconds or an HTTP date (RFC 9110, section 10.2.3). */
public final class RetryAfter {

    /** Few promise such a header; an absurd value must not stop the work for a day. */
    private static final Duration CAP = Duration.ofMinutes(10);

    private RetryAfter() {}

    /**
     * A date counts from the answer's own {@code Date}: the clocks of two machines may differ by more than the wait.
     *
     * @param date the header {@code Date} of the same answer, or null
     * @param now  counts where the answer has no {@code Date} that could be read
     * @return above zero, at most ten minutes; null when the header is absent, unreadable or over already
     */
    public static Duration read(String header, String date, Instant now) {
        if (header == null) {
            return null;
        }
        String value = header.strip();
        Duration wait;
        if (value.matches("\\d{1,10}")) {
            wait = Duration.ofSeconds(Long.parseLong(value));
        } else {
            Instant until = HttpDate.parse(value, now);
            Instant sent = HttpDate.parse(date, now);
            wait = until == null ? Duration.ZERO : Duration.between(sent == null ? now : sent, until);
        }
        return wait.isNegative() || wait.isZero() ? null : wait.compareTo(CAP) > 0 ? CAP : wait;
    }
}
