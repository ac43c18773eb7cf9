package de.contactsync.brokers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

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

    private final int port = BrokerProcess.freePort();
    private final BrokerProcess process;

    private AmqpBroker(Kind kind, Path directory) {
        this.process = new BrokerProcess(kind.main, 256, directory.resolve("broker.log"), port,
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
    }

    @Override
    public void close() {
        process.close();
    }
}
