package de.contactsync.messaging.jms;

import jakarta.jms.JMSSecurityException;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What brokers and the client library say of a failure, in words for whoever runs this program. */
final class BrokerErrors {

    /** As the client library appends it to the broker's own words. */
    private static final Pattern CONDITION = Pattern.compile("\\s*\\[condition = ([a-z:-]+)]");

    private static final Pattern NUMBER_OF_ARTEMIS = Pattern.compile("\\bAMQ\\d{6}: ");
    private static final String OF_NETTY = "finishConnect\\(\\.\\.\\) failed with error\\(-?\\d+\\): ";
    private static final String REFUSED = "user or password refused";
    private static final int LONGEST = 200;

    /** AMQP 1.0, part 2, sections 2.8.15 to 2.8.18. */
    private static final Map<String, String> CONDITIONS = Map.ofEntries(
            Map.entry("amqp:not-found", "the broker has no such queue"),
            Map.entry("amqp:unauthorized-access", "the user may not do that"),
            Map.entry("amqp:not-allowed", "the broker does not allow that"),
            Map.entry("amqp:not-implemented", "the broker cannot do that"),
            Map.entry("amqp:precondition-failed", "the queue was declared otherwise than it would have to be"),
            Map.entry("amqp:resource-locked", "another program has it for itself"),
            Map.entry("amqp:resource-deleted", "it was deleted"),
            Map.entry("amqp:resource-limit-exceeded", "a limit of the broker is reached"),
            Map.entry("amqp:internal-error", "the broker failed, and has more about it in its log"),
            Map.entry("amqp:invalid-field", "the broker does not understand the address"),
            Map.entry("amqp:connection:forced", "the broker closed the connection"),
            Map.entry("amqp:session:errant-link", "the broker ended the session"),
            Map.entry("amqp:link:detach-forced", "the broker closed the queue to us"),
            Map.entry("amqp:link:message-size-exceeded", "the message is larger than the broker takes"));

    private BrokerErrors() {}

    /** Without names of classes, conditions of the protocol, and terms of the language that a broker is written in. */
    static String describe(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null && cause.getCause() != cause) {
            cause = cause.getCause();
        }
        String message = cause.getMessage();
        return message == null || message.isBlank()
                ? cause instanceof JMSSecurityException ? REFUSED : "the connection failed"
                : words(message);
    }

    static String words(String message) {
        if (message.startsWith("Client failed to authenticate using SASL")) {
            return REFUSED;
        }
        if (message.startsWith("Timed out waiting for credit")
                || message.startsWith("Timed out waiting for disposition of sent")) {
            return "a message could not be sent in time";
        }
        Matcher condition = CONDITION.matcher(message);
        String known = condition.find() ? CONDITIONS.get(condition.group(1)) : null;
        String own = NUMBER_OF_ARTEMIS
                .matcher(condition.replaceAll(""))
                .replaceAll("")
                .replaceFirst(OF_NETTY, "")
                .replaceAll("\\s+", " ")
                .strip();
        // RabbitMQ quotes what its process died of.
        String said = own.isEmpty() || own.matches(".*\\{[^}]*[{,].*|^(Session|Connection|Link) error.*|.*Exception.*")
                ? ""
                : own.length() > LONGEST ? own.substring(0, LONGEST) + "…" : own;
        return known == null
                ? said.isEmpty() ? "the broker ended it without a word" : said
                : said.isEmpty() ? known : known + " (" + said + ")";
    }
}
