package de.contactsync.brokers;

import de.contactsync.FreePort;
import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.activemq.artemis.jms.client.ActiveMQSession;

/**
 * An Artemis in a JVM of its own with a persistent journal, for clients of its own protocol and of AMQP 1.0 on one
 * port. A restart keeps port and messages; closing ends it.
 */
public final class ArtemisBroker implements AutoCloseable {

    /** The queue of what was delivered in vain as often as is allowed. */
    public static final String DEAD_LETTERS = "DLQ";

    /** Queues whose names begin with this and a dot do not come into being by themselves. */
    public static final String MISSING = "missing";

    /** Queues whose names begin with this and a dot block senders when they hold 20 kB. */
    public static final String SMALL = "small";

    /** What a message is made from. */
    public interface MessageMaker {
        Message make(Session session) throws JMSException;
    }

    private interface Work<T> {
        T with(Session session) throws JMSException, ActiveMQException;
    }

    private final Path directory;
    private final int port = FreePort.next();
    private String username;
    private String password;
    private int maxDeliveryAttempts = 10;
    /** Artemis' own. */
    private Duration queueScan = Duration.ofSeconds(30);

    private String acceptors = "";
    private BrokerProcess process;
    private ActiveMQConnectionFactory connections;

    private ArtemisBroker(Path directory) {
        this.directory = directory;
    }

    /** Started, with no login and ten delivery attempts. */
    public static ArtemisBroker start(Path directory) throws IOException {
        return in(directory).start();
    }

    /** Not started yet, for a broker with other settings. */
    public static ArtemisBroker in(Path directory) {
        return new ArtemisBroker(directory);
    }

    /** Who does not come with these is turned away. */
    public ArtemisBroker withLogin(String user, String secret) {
        this.username = user;
        this.password = secret;
        return this;
    }

    /** Also over TLS on a port of its own, for clients whose certificate is trusted; the stores are PKCS#12. */
    public ArtemisBroker withTls(int tlsPort, Path keyStore, Path trustStore, String storePassword) {
        this.acceptors = "tcp://127.0.0.1:" + tlsPort + "?sslEnabled=true&needClientAuth=true"
                + "&keyStoreType=PKCS12&keyStorePath=" + keyStore + "&keyStorePassword=" + storePassword
                + "&trustStoreType=PKCS12&trustStorePath=" + trustStore + "&trustStorePassword=" + storePassword;
        return this;
    }

    /** Also on a port of its own, where senders get credit for few messages, so that a full queue stops them soon. */
    public ArtemisBroker withFewCredits(int fewPort) {
        this.acceptors = "tcp://127.0.0.1:" + fewPort + "?amqpCredits=20&amqpLowCredits=10";
        return this;
    }

    public ArtemisBroker withMaxDeliveryAttempts(int attempts) {
        this.maxDeliveryAttempts = attempts;
        return this;
    }

    /** Queues that came into being by themselves go when nobody uses them: here after two scans, not after a minute. */
    public ArtemisBroker withFastQueueScan() {
        this.queueScan = Duration.ofMillis(200);
        return this;
    }

    public ArtemisBroker start() throws IOException {
        Files.createDirectories(directory);
        List<String> arguments = new ArrayList<>(List.of(
                directory.toString(),
                Integer.toString(port),
                Integer.toString(maxDeliveryAttempts),
                acceptors,
                Long.toString(queueScan.toMillis())));
        if (username != null) {
            arguments.addAll(List.of(username, password));
        }
        process = new BrokerProcess(ArtemisMain.class, 256, directory.resolve("broker.log"), port, arguments);
        connections = new ActiveMQConnectionFactory(url(), username, password);
        process.start();
        return this;
    }

    public int port() {
        return port;
    }

    public String url() {
        return "tcp://127.0.0.1:" + port;
    }

    public String amqpUrl() {
        return "amqp://127.0.0.1:" + port;
    }

    /** SIGKILL. */
    public void kill() {
        process.kill();
    }

    /** SIGTERM. */
    public void stop() {
        process.stop();
    }

    /** SIGSTOP: connections stay, answers do not come. */
    public void freeze() {
        process.freeze();
    }

    /** SIGCONT. */
    public void thaw() {
        process.thaw();
    }

    /** On the same port, with the same journal, after {@link #kill} or {@link #stop}. */
    public void restart() {
        process.start();
    }

    public void sendText(String queue, String text) {
        send(queue, session -> session.createTextMessage(text));
    }

    public void sendBytes(String queue, byte[] bytes) {
        send(queue, session -> {
            BytesMessage message = session.createBytesMessage();
            message.writeBytes(bytes);
            return message;
        });
    }

    public void sendObject(String queue, Serializable object) {
        send(queue, session -> session.createObjectMessage(object));
    }

    public void send(String queue, MessageMaker message) {
        sendAll(queue, List.of(message));
    }

    /** In one transaction. */
    public void sendAll(String queue, List<MessageMaker> messages) {
        inSession(session -> {
            MessageProducer producer = session.createProducer(session.createQueue(queue));
            for (MessageMaker message : messages) {
                producer.send(message.make(session));
            }
            session.commit();
            return null;
        });
    }

    /** Those in delivery count, too; 0 when there is no such queue. */
    public long count(String queue) {
        return inSession(session -> ((ActiveMQSession) session)
                .getCoreSession()
                .queueQuery(SimpleString.of(queue))
                .getMessageCount());
    }

    public boolean exists(String queue) {
        return inSession(session -> ((ActiveMQSession) session)
                .getCoreSession()
                .queueQuery(SimpleString.of(queue))
                .isExists());
    }

    /** Those that nobody is working on, in order. */
    public List<Message> browse(String queue) {
        return inSession(session -> {
            try (QueueBrowser browser = session.createBrowser(session.createQueue(queue))) {
                List<Message> messages = new ArrayList<>();
                for (Enumeration<?> each = browser.getEnumeration(); each.hasMoreElements(); ) {
                    messages.add((Message) each.nextElement());
                }
                return messages;
            }
        });
    }

    /** The next one, acknowledged; null when none came in this time. */
    public Message receive(String queue, Duration patience) {
        return inSession(session -> {
            Message message = session.createConsumer(session.createQueue(queue)).receive(patience.toMillis());
            session.commit();
            return message;
        });
    }

    /** All that came until none came for this time, acknowledged. */
    public List<Message> receiveAll(String queue, Duration patience) {
        return inSession(session -> {
            var consumer = session.createConsumer(session.createQueue(queue));
            List<Message> messages = new ArrayList<>();
            for (Message next = consumer.receive(patience.toMillis());
                    next != null;
                    next = consumer.receive(patience.toMillis())) {
                messages.add(next);
            }
            session.commit();
            return messages;
        });
    }

    /** The body of a text message, or of a bytes message in UTF-8. */
    public static String text(Message message) {
        try {
            if (message instanceof TextMessage text) {
                return text.getText();
            }
            return new String(message.getBody(byte[].class), StandardCharsets.UTF_8);
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
    }

    private <T> T inSession(Work<T> work) {
        try (Connection connection = connections.createConnection();
                Session session = connection.createSession(Session.SESSION_TRANSACTED)) {
            connection.start();
            return work.with(session);
        } catch (JMSException | ActiveMQException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        if (process != null) {
            connections.close();
            process.close();
        }
    }
}
