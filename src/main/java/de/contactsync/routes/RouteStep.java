package de.contactsync.routes;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;

/** Where in a route an exchange is, for people. */
final class RouteStep {

    /** As Camel has it: the name of the file, and a line. */
    private static final Pattern SOURCE = Pattern.compile("(.+):(\\d+)");

    private static final String PROPERTY = "contactsync.failedStep";

    private RouteStep() {}

    /** Such as {@code step to-file (sink-teams.camel.yaml, line 12)}; null when it is at none. */
    static String of(Exchange exchange) {
        String id = exchange.getExchangeExtension().getHistoryNodeId();
        if (id == null) {
            return null;
        }
        String source = exchange.getExchangeExtension().getHistoryNodeSource();
        return "step " + id + (source == null ? "" : " (" + shown(source) + ")");
    }

    private static String shown(String source) {
        Matcher matcher = SOURCE.matcher(source);
        return matcher.matches() ? matcher.group(1) + ", line " + matcher.group(2) : source;
    }

    /** To be called while the exchange is still at the step that fails. */
    static void recordFailed(Exchange exchange) {
        String step = of(exchange);
        if (step != null) {
            exchange.setProperty(PROPERTY, step);
        }
    }

    /** Where it failed; null when that was not recorded, as in routes with an error handler of their own. */
    static String failed(Exchange exchange) {
        return exchange.getProperty(PROPERTY, String.class);
    }
}
