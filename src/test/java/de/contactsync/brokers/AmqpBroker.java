package de.contactsync.brokers;

import static org.awaitility.Awaitility.await;

import de.contactsync.FreePort;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.qpid.jms.JmsConnectionFactory;

/**
 * A broker for AMQP 1.0 that is no Artemis, in a JVM of its own with a persistent store; queues come into being when
 * somebody uses them, and nobody needs a login. A restart keeps port and messages; closing ends it.
 */
public final class AmqpBroker implements AutoCloseable {

    public enum Kind {
        QPID_BROKER_J(QpidMain.class),
        ACTIVEMQ_CLASSIC(ActiveMqMain.class);

        private final Class<?> main;

        Kind(Class<?> main) {
            this.main = main;
        }
    }

    private static final Duration LONG = Duration.ofSeconds(60);

    private final int port = FreePort.next();
    private final BrokerProcess process;

    private AmqpBroker(Kind kind, Path directory) {
        this.process = new BrokerProcess(
                kind.main,
                256,
                directory.resolve("broker.log"),
                port,
                List.of(directory.toString(), Integer.toString(port)));
    }

    public static AmqpBroker start(Kind kind, Path directory) throws IOException {
        AmqpBroker broker = new AmqpBroker(kind, Files.createDirectories(directory));
        broker.restart();
        return broker;
    }

    public String url() {
        return "amqp://127.0.0.1:" + port;
    }

    /** SIGKILL. */
    public void kill() {
        process.kill();
    }

    /** On the same port, with the same messages, after {@link #kill}. */
    public void restart() {
        process.start();
        // Qpid listens before its virtual host is there, and turns away who comes in between.
        await(url()).atMost(LONG).until(this::takesSessions);
    }

    private boolean takesSessions() {
        try (JMSContext session = new JmsConnectionFactory(url()).createContext()) {
            session.createTemporaryQueue();
            return true;
        } catch (JMSRuntimeException e) {
            return false;
        }
    }

    @Override
    public void close() {
        process.close();
    }
}
