package de.contactsync.messaging.jms;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Message;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TextMessage;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How often Artemis delivers a message before it gives it up, asked of its management address
 * (https://artemis.apache.org/components/artemis/documentation/latest/management.html, getAddressSettingsAsJSON). RabbitMQ
 * and other brokers have no such address in AMQP 1.0.
 */
final class DeliveryLimit {

    private static final Logger LOG = LoggerFactory.getLogger(DeliveryLimit.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String MANAGEMENT = "activemq.management";
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private DeliveryLimit() {}

    /**
     * Logs it; of Artemis nothing when the user may not ask.
     *
     * @param product of the broker, as it calls itself, or null
     */
    static void log(JMSContext connection, String queue, String product) {
        if (!BrokerFrames.ARTEMIS.equals(product)) {
            LOG.info(unasked(queue, product));
            return;
        }
        try (JMSContext context = connection.createContext(JMSContext.AUTO_ACKNOWLEDGE)) {
            TemporaryQueue replies = context.createTemporaryQueue();
            String question = JSON.createArrayNode().add(queue).toString();
            context.createProducer()
                    .setProperty("_AMQ_ResourceName", "broker")
                    .setProperty("_AMQ_OperationName", "getAddressSettingsAsJSON")
                    .setJMSReplyTo(replies)
                    .send(context.createQueue(MANAGEMENT), question);
            Message reply = context.createConsumer(replies).receive(PATIENCE.toMillis());
            if (reply instanceof TextMessage text) {
                LOG.info(words(queue, settings(text.getBody(String.class))));
            }
        } catch (JMSRuntimeException | jakarta.jms.JMSException | JsonProcessingException e) {
            LOG.debug("The broker does not say how often it delivers a message", e);
        }
    }

    /** RabbitMQ: https://www.rabbitmq.com/docs/quorum-queues#poison-message-handling. */
    static String unasked(String queue, String product) {
        return "How often the broker delivers a message of " + queue
                + " before it gives it up is not asked: AMQP has no question for it. "
                + (RabbitMq.PRODUCT.equals(product)
                        ? "RabbitMQ's classic queues deliver as often as needed, its quorum queues as their delivery-limit"
                                + " says (from RabbitMQ 4 on 20 unless set) and then drop it, or put it into their"
                                + " dead-letter-exchange"
                        : "See its settings, and set 5 or more")
                + "; a killed worker uses one delivery up";
    }

    /** The answer is an array with a JSON text in it. */
    private static JsonNode settings(String answer) throws JsonProcessingException {
        return JSON.readTree(JSON.readTree(answer).path(0).asText());
    }

    static String words(String queue, JsonNode settings) {
        int most = settings.path("maxDeliveryAttempts").asInt(10);
        // Older versions have the second name.
        String deadLetters =
                settings.path("deadLetterAddress").asText(settings.path("DLA").asText(""));
        return most < 0
                ? "The broker delivers a message of " + queue + " as often as needed"
                : "The broker gives a message of " + queue + " up after " + most
                        + " deliveries (max-delivery-attempts) and "
                        + (deadLetters.isEmpty()
                                ? "deletes it: it has no dead-letter-address"
                                : "puts it into " + deadLetters)
                        + "; a killed worker or a result that is not accepted uses one up";
    }
}
