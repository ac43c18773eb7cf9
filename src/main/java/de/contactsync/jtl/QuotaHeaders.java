package de.contactsync.jtl;

import java.time.Duration;

/**
 * What JTL says of its quota with every answer ({@code X-RateLimit-Limit}, {@code -Interval-Length-Seconds},
 * {@code -Remaining}).
 *
 * @param limit     calls in an interval, at least 1
 * @param remaining calls left in the current one; -1 when the answer does not say
 */
record QuotaHeaders(int limit, Duration interval, int remaining) {

    private static final int LARGEST_LIMIT = 10_000_000;
    private static final int LONGEST_INTERVAL = 86_400;

    /** @return null when limit or interval are absent, no numbers, not positive or absurd */
    static QuotaHeaders read(String limit, String intervalSeconds, String remaining) {
        int calls = number(limit, LARGEST_LIMIT);
        int seconds = number(intervalSeconds, LONGEST_INTERVAL);
        return calls < 1 || seconds < 1
                ? null
                : new QuotaHeaders(calls, Duration.ofSeconds(seconds), Math.min(number(remaining, LARGEST_LIMIT), calls));
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
