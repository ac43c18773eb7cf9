package de.contactsync.routes;

import de.contactsync.crm.ErrorSanitizer;
import de.contactsync.http.NetworkErrors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelExchangeException;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.LoggingLevel;
import org.apache.camel.Processor;
import org.apache.camel.model.errorhandler.DefaultErrorHandlerDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says why routes of the user and other receivers fail: a line a minute for each of them. Camel's own error handler
 * would write a stack trace for each contact. Thread-safe.
 */
public final class RouteFailures {

    private static final Logger LOG = LoggerFactory.getLogger(RouteFailures.class);

    /** A failure that took so long rests the receiver at once: twenty of them in a row would take minutes. */
    private static final Duration SLOW = Duration.ofSeconds(5);

    private static final Duration QUIET = Duration.ofMinutes(1);

    /** What is behind the host may hold a secret, as the address of a chat's webhook does. */
    private static final Pattern ADDRESS =
            Pattern.compile("\\b([a-zA-Z][a-zA-Z0-9+.-]{0,30}://)([^/?#\\s@]*@)?([^/?#\\s]*)[^\\s,;)]*");

    /** Stands for an address; of a range that no text uses. */
    private static final String HOST = "\uE000";

    private static final int DEEPEST_CAUSE = 20;

    private record Said(long at, long since) {}

    private final LongSupplier nanoTime;
    private final Map<String, Said> said = new ConcurrentHashMap<>();

    public RouteFailures() {
        this(System::nanoTime);
    }

    RouteFailures(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * For routes that have no error handler of their own.
     *
     * @param camel whose routes are not loaded yet
     */
    public void install(CamelContext camel) {
        Processor note = exchange -> {
            RouteStep.recordFailed(exchange);
            if (!RouteCall.isWaitedFor(exchange)) {
                note(exchange);
            }
        };
        DefaultErrorHandlerDefinition handler = new DefaultErrorHandlerDefinition();
        // Of what is marked to be rolled back Camel writes its history as well, whatever logExhausted says.
        handler.logExhausted(false).retriesExhaustedLogLevel(LoggingLevel.OFF).onPrepareFailure(note);
        camel.getCamelContextExtension().setErrorHandlerFactory(handler);
    }

    /** @param nanos that the receiver took to fail */
    static boolean isSlow(long nanos) {
        return nanos >= SLOW.toNanos();
    }

    /** What a route failed on, and nobody else hears of. */
    public void note(Exchange exchange) {
        note(
                "route " + exchange.getFromRouteId(),
                words(exchange, Collections.singleton(exchange.getMessage().getBody())));
    }

    /**
     * Writes a line into the log, unless one of the same receiver was written in the last minute.
     *
     * @param what  the receiver, for people
     * @param words without secrets and contact data
     */
    public void note(String what, String words) {
        long now = nanoTime.getAsLong();
        boolean[] due = {false};
        Said state = said.compute(what, (key, before) -> {
            due[0] = before == null || now - before.at >= QUIET.toNanos();
            return due[0] ? new Said(now, before == null ? 0 : before.since) : new Said(before.at, before.since + 1);
        });
        if (due[0]) {
            LOG.warn(
                    "{} {}{}",
                    what,
                    words,
                    state.since == 0 ? "" : " (and " + state.since + " times more since the last such line)");
            said.put(what, new Said(now, 0));
        }
    }

    /** What an exchange failed by, and where. @param data of it that is not to be shown */
    static String words(Exchange exchange, Collection<?> data) {
        String step = RouteStep.failed(exchange);
        // While Camel handles it, it is to be found there.
        Exception failure = exchange.getException() == null
                ? exchange.getProperty(ExchangePropertyKey.EXCEPTION_CAUGHT, Exception.class)
                : exchange.getException();
        return "fails" + (step == null ? "" : " at " + step) + ": " + words(failure, data);
    }

    /**
     * A failure for people: the class and message of what it was caused by.
     *
     * @param data that the message may quote, and is not to show: texts, maps and lists of them
     */
    static String words(Throwable failure, Collection<?> data) {
        String untrusted = NetworkErrors.untrusted(failure);
        if (untrusted != null) {
            return untrusted;
        }
        Throwable cause = failure;
        for (int i = 0; i < DEEPEST_CAUSE && cause.getCause() != null; i++) {
            cause = cause.getCause();
        }
        String name = cause.getClass().getSimpleName();
        String message = message(cause);
        if (message == null || message.isBlank()) {
            return name;
        }
        // Kept out of it, because an address of digits looks like a telephone number.
        List<String> hosts = new ArrayList<>();
        String marked = ADDRESS.matcher(message.strip()).replaceAll(address -> {
            hosts.add(address.group(1) + address.group(3) + "/…");
            return HOST;
        });
        String clean = ErrorSanitizer.redact(texts(data).toList(), marked);
        for (String host : hosts) {
            clean = clean.replaceFirst(HOST, Matcher.quoteReplacement(host));
        }
        return clean.startsWith(name) ? clean : name + ": " + clean;
    }

    /** Without the exchange that Camel quotes in it. */
    static String message(Throwable failure) {
        String message = failure.getMessage();
        return message != null && failure instanceof CamelExchangeException
                ? message.replaceFirst("\\. Exchange\\[[^\\[\\]]*]", "")
                : message;
    }

    private static Stream<String> texts(Object data) {
        return data instanceof Map<?, ?> map
                ? map.values().stream().flatMap(RouteFailures::texts)
                : data instanceof Collection<?> all
                        ? all.stream().flatMap(RouteFailures::texts)
                        : data instanceof String text ? Stream.of(text) : Stream.empty();
    }
}
