import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Queue;
import jakarta.jms.TextMessage;
import java.util.List;
import org.apache.qpid.jms.JmsConnectionFactory;

/** Asks for contacts by message, as a shop or an ERP job would, and prints what comes back. */
public final class Ask {

    private static final List<String> KEYS = List.of(
            "{\"customerId\":\"b45f6432-2462-4c6f-b00f-1d9d01000000\",\"contactId\":\"7c9e6679-7425-40de-944b-e07fc1f90ae7\"}",
            "{\"customerId\":\"b45f6432-2462-4c6f-b00f-1d9d01000000\",\"contactId\":\"7c9e6679-7425-40de-944b-e07fc1f90ae2\"}",
            "{\"customerId\":\"4711\"}");

    public static void main(String[] arguments) throws Exception {
        // The broker may still be starting.
        String patient =
                "failover:(" + arguments[0] + ")?failover.reconnectDelay=500&failover.useReconnectBackOff=false";
        try (JMSContext context = new JmsConnectionFactory(arguments[1], arguments[2], patient)
                .createContext(JMSContext.AUTO_ACKNOWLEDGE)) {
            ask(context);
        }
    }

    private static void ask(JMSContext context) throws JMSException {
        Queue keys = context.createQueue("contact-keys");
        Queue replies = context.createTemporaryQueue();
        JMSConsumer consumer = context.createConsumer(replies);
        for (int i = 0; i < KEYS.size(); i++) {
            TextMessage request = context.createTextMessage(KEYS.get(i));
            request.setJMSReplyTo(replies);
            request.setJMSCorrelationID("question-" + (i + 1));
            context.createProducer().send(keys, request);
        }
        for (int i = 0; i < KEYS.size(); i++) {
            TextMessage reply = (TextMessage) consumer.receive(30_000);
            if (reply == null) {
                throw new JMSRuntimeException("no reply within 30 s");
            }
            System.out.printf(
                    "%s, %s:%n  %s%n",
                    reply.getJMSCorrelationID(), reply.getStringProperty("outcome"), reply.getText());
        }
    }
}
