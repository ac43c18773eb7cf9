package de.contactsync.messaging.http;

import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What stands before the body of a request with keys.
 *
 * @param lines          whether the body has a key in each line
 * @param maxWait        for what comes of the keys; zero where the sender does not ask for it
 * @param idempotencyKey null where there is none
 */
record RequestHead(boolean lines, Duration maxWait, String idempotencyKey) {

    static final String IDEMPOTENCY_KEY = "Idempotency-Key";

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);
    private static final Pattern WAIT = Pattern.compile("(\\d{1,5})(ms|s)");
    private static final Pattern CHARSET = Pattern.compile("(?i);\\s*charset\\s*=\\s*\"?([^\";\\s]*)");
    private static final int LONGEST_KEY = 255;

    /** @throws RefusedKeysException with what to do */
    static RequestHead of(HttpServerRequest request) {
        boolean lines = isLines(once(request, "Content-Type"));
        String encoding = once(request, "Content-Encoding");
        if (encoding != null && !encoding.strip().equalsIgnoreCase("identity")) {
            throw new RefusedKeysException(415, "Send the body as it is, without Content-Encoding");
        }
        return new RequestHead(lines, maxWait(request), idempotencyKey(once(request, IDEMPOTENCY_KEY)));
    }

    /**
     * The only value of a header; null where there is none. Which of two counts is nothing to guess at: a proxy may
     * have looked at the other.
     */
    static String once(HttpServerRequest request, String header) {
        return once(request.headers().getAll(header), header);
    }

    private static String once(List<String> values, String name) {
        if (values.size() > 1) {
            throw new RefusedKeysException(400, "The request has several " + name + ": send one");
        }
        return values.isEmpty() ? null : values.get(0);
    }

    /** @throws RefusedKeysException when a value that is there cannot be one */
    static String idempotencyKey(String value) {
        if (value != null && (value.isBlank() || value.length() > LONGEST_KEY)) {
            throw new RefusedKeysException(400, IDEMPOTENCY_KEY + " has 1 to " + LONGEST_KEY + " characters");
        }
        return value;
    }

    private static boolean isLines(String contentType) {
        String type = contentType == null
                ? ""
                : contentType.replaceFirst(";.*", "").strip().toLowerCase(Locale.ROOT);
        boolean lines = KeyRequestParser.JSON_LINES.contains(type);
        if (!lines && !KeyRequestParser.JSON.contains(type)) {
            throw new RefusedKeysException(
                    415, "Use Content-Type application/json, or application/x-ndjson for a key in each line");
        }
        Matcher charset = CHARSET.matcher(contentType);
        if (charset.find() && !isUtf8(charset.group(1))) {
            throw new RefusedKeysException(415, "Send the body in UTF-8");
        }
        return lines;
    }

    private static boolean isUtf8(String charset) {
        try {
            return Charset.forName(charset).equals(StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static Duration maxWait(HttpServerRequest request) {
        List<String> values;
        try {
            values = request.params().getAll("wait");
        } catch (IllegalArgumentException e) {
            throw new RefusedKeysException(400, "The query is not percent-encoded as it should be");
        }
        String text = once(values, "wait");
        if (text == null) {
            return Duration.ZERO;
        }
        Matcher matcher = WAIT.matcher(text);
        if (matcher.matches()) {
            long amount = Long.parseLong(matcher.group(1));
            Duration wait = matcher.group(2).equals("s") ? Duration.ofSeconds(amount) : Duration.ofMillis(amount);
            if (wait.compareTo(LONGEST_WAIT) <= 0) {
                return wait;
            }
        }
        throw new RefusedKeysException(
                400, "wait must be a duration such as 5s, at most " + LONGEST_WAIT.toSeconds() + "s");
    }
}
