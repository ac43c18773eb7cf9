import de.contactsync.messaging.jms.EmbeddedBroker;
import de.contactsync.messaging.jms.QueueSettings;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSProducer;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TextMessage;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.UUID;
import org.apache.qpid.jms.JmsConnectionFactory;

/** Fills a queue before a run of the queue source, and measures how long one reply takes. */
public final class Messages {

    private static final String QUEUE = "contact-keys";
    private static final String LOGIN = "bench";
    private static final int PORT = 18090;

    public static void main(String[] arguments) throws Exception {
        int count = Integer.parseInt(arguments[2]);
        switch (arguments[0]) {
            case "fill-folder" -> fillFolder(Path.of(arguments[1]), count);
            case "fill" -> fill(arguments[1], count);
            case "request" -> request(arguments[1], count);
            default -> throw new IllegalArgumentException(arguments[0]);
        }
        System.exit(0);
    }

    /** For the broker that a process will find in this folder. */
    private static void fillFolder(Path folder, int count) throws Exception {
        QueueSettings settings = new QueueSettings(
                null,
                PORT,
                90,
                true,
                folder,
                LOGIN,
                LOGIN,
                null,
                null,
                null,
                null,
                QUEUE,
                1,
                "contacts-enriched",
                "contacts-dead-letter");
        try (EmbeddedBroker broker = EmbeddedBroker.start(settings, List.of(QUEUE))) {
            fill("amqp://127.0.0.1:" + PORT, count);
        }
    }

    private static void fill(String url, int count) throws Exception {
        Random random = new Random(count);
        try (JMSContext context =
                new JmsConnectionFactory(LOGIN, LOGIN, url).createContext(JMSContext.SESSION_TRANSACTED)) {
            JMSProducer producer = context.createProducer();
            Queue queue = context.createQueue(QUEUE);
            for (int i = 1; i <= count; i++) {
                producer.send(queue, key(random));
                if (i % 1_000 == 0 || i == count) {
                    context.commit();
                }
            }
        }
    }

    private static void request(String url, int count) throws Exception {
        Random random = new Random();
        double[] millis = new double[count];
        try (JMSContext context =
                new JmsConnectionFactory(LOGIN, LOGIN, url).createContext(JMSContext.AUTO_ACKNOWLEDGE)) {
            TemporaryQueue replies = context.createTemporaryQueue();
            JMSConsumer consumer = context.createConsumer(replies);
            JMSProducer producer = context.createProducer();
            Queue queue = context.createQueue(QUEUE);
            // The first ones meet a JVM that has compiled nothing yet.
            for (int i = -500; i < count; i++) {
                TextMessage message = context.createTextMessage(key(random));
                message.setJMSReplyTo(replies);
                message.setJMSCorrelationID("request-" + i);
                long began = System.nanoTime();
                producer.send(queue, message);
                Message reply = consumer.receive(10_000);
                if (reply == null || !("request-" + i).equals(reply.getJMSCorrelationID())) {
                    throw new IllegalStateException("no reply to request " + i + ": " + reply);
                }
                if (i >= 0) {
                    millis[i] = (System.nanoTime() - began) / 1e6;
                }
            }
        }
        Arrays.sort(millis);
        System.out.printf(
                Locale.ROOT,
                "%d requests, one at a time: p50 %.2f ms, p99 %.2f ms, longest %.2f ms%n",
                count,
                millis[count / 2],
                millis[count * 99 / 100],
                millis[count - 1]);
    }

    private static String key(Random random) {
        return "{\"customerId\":\"" + new UUID(random.nextLong(), random.nextLong()) + "\",\"contactId\":\""
                + new UUID(random.nextLong(), random.nextLong()) + "\"}";
    }
}
