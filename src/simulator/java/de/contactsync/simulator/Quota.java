package de.contactsync.simulator;

import java.time.Duration;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How many API calls may be made. JTL documents neither the kind of window nor a {@code Retry-After}, so both can be
 * chosen here.
 *
 * @param limit      calls per interval, at least 1
 * @param interval   at least 1 ms; the header tells it in whole seconds, rounded up
 * @param retryAfter whether an answer 429 says in {@code Retry-After} (seconds) when the next call may be made
 * @param headers    whether answers tell the quota in {@code X-RateLimit} headers
 */
public record Quota(int limit, Duration interval, Window window, boolean retryAfter, boolean headers) {

    private static final Pattern FORM = Pattern.compile("(\\d{1,9})/(\\S+)");

    /** The kinds of window a quota can be counted in. */
    public enum Window {
        /** Begins with the first call after the last window ended. */
        FIXED,
        /** At most the limit in any stretch of time as long as the interval. */
        SLIDING,
        /** A bucket that holds the limit and is refilled evenly, one limit per interval. */
        BUCKET,
        /** Counted like {@link #FIXED} and told in the headers, but nothing is ever refused. */
        NONE
    }

    public Quota {
        Objects.requireNonNull(window, "window");
        if (limit < 1) {
            throw new IllegalArgumentException("a quota of " + limit + " calls lets nobody in; at least 1 is wanted");
        }
        if (interval.compareTo(Duration.ofMillis(1)) < 0) {
            throw new IllegalArgumentException("the interval of a quota must be 1ms or longer, not " + interval);
        }
    }

    /** A fixed window with headers and without {@code Retry-After}. */
    public static Quota of(int limit, Duration interval) {
        return new Quota(limit, interval, Window.FIXED, false, true);
    }

    /**
     * Reads {@code 60/10s}: calls per interval, as a fixed window without {@code Retry-After}.
     *
     * @throws IllegalArgumentException names the text and the form that is wanted
     */
    public static Quota parse(String text) {
        Matcher matcher = FORM.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is not a quota: give calls per interval, such as 60/10s or 1000/1m");
        }
        return of(Integer.parseInt(matcher.group(1)), Durations.parse(matcher.group(2)));
    }

    public Quota window(Window kind) {
        return new Quota(limit, interval, kind, retryAfter, headers);
    }

    public Quota withRetryAfter() {
        return new Quota(limit, interval, window, true, headers);
    }

    /** The same quota, but clients learn of it from 429 only. */
    public Quota withoutHeaders() {
        return new Quota(limit, interval, window, retryAfter, false);
    }

    Quota limit(int newLimit) {
        return new Quota(newLimit, interval, window, retryAfter, headers);
    }
}
