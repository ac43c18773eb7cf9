package de.contactsync.resilience;

import java.time.Duration;

/**
 * What a server says of its quota with an answer.
 *
 * @param limit     calls in an interval, at least 1
 * @param remaining calls left in the current one; -1 when the answer does not say
 */
public record QuotaHeaders(int limit, Duration interval, int remaining) {

    private static final int LARGEST_LIMIT = 10_000_000;
    private static final Duration LONGEST_INTERVAL = Duration.ofDays(1);

    /**
     * @param unit   that the interval is counted in
     * @return null when limit or interval are absent, no numbers, not positive or absurd
     */
    public static QuotaHeaders read(String limit, String interval, Duration unit, String remaining) {
        int calls = number(limit, LARGEST_LIMIT);
        // Durations multiply and divide by way of BigDecimal, too dear for every call.
        int units = number(interval, (int) (LONGEST_INTERVAL.toNanos() / unit.toNanos()));
        return calls < 1 || units < 1
                ? null
                : new QuotaHeaders(
                        calls,
                        Duration.ofNanos(unit.toNanos() * units),
                        Math.min(number(remaining, LARGEST_LIMIT), calls));
    }

    /**
     * The one that allows fewer calls in a time.
     *
     * @param told  by the server; null when it tells nothing
     * @param limit that somebody else has set; null for none
     */
    public static QuotaHeaders lower(QuotaHeaders told, QuotaHeaders limit) {
        if (told == null || limit == null) {
            return told == null ? limit : told;
        }
        return told.perNano() <= limit.perNano() ? told : limit;
    }

    private double perNano() {
        return (double) limit / interval.toNanos();
    }

    private static int number(String text, int largest) {
        if (text == null) {
            return -1;
        }
        try {
            int number = Integer.parseInt(text.strip());
            return number < 0 || number > largest ? -1 : number;
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
