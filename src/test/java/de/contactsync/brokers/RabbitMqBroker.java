package de.contactsync.brokers;

import static org.awaitility.Awaitility.await;

import de.contactsync.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The RabbitMQ of the system, version 3 with its plugin for AMQP 1.0 or version 4, whose queues are declared durable as
 * its users declare them. The system property {@code rabbitmq.bin} names the folder of another one's programs.
 */
public final class RabbitMqBroker implements AutoCloseable {

    private static final Path PROGRAMS = Path.of(System.getProperty("rabbitmq.bin", "/usr/lib/rabbitmq/bin"));
    private static final Path SERVER = PROGRAMS.resolve("rabbitmq-server");
    private static final Path CTL = PROGRAMS.resolve("rabbitmqctl");
    private static final Duration LONG = Duration.ofSeconds(60);

    private final Path directory;
    private final int port = FreePort.next();
    private final Map<String, String> environment;
    private String prefix;
    private Process process;

    private RabbitMqBroker(Path directory) {
        this.directory = directory;
        this.environment = Map.of(
                "HOME", directory.toString(),
                "RABBITMQ_MNESIA_BASE", directory.resolve("mnesia").toString(),
                "RABBITMQ_LOG_BASE", directory.resolve("log").toString(),
                "RABBITMQ_ENABLED_PLUGINS_FILE", directory.resolve("plugins").toString(),
                "RABBITMQ_PID_FILE", directory.resolve("pid").toString(),
                "RABBITMQ_CONFIG_FILE", directory.resolve("rabbitmq").toString(),
                "RABBITMQ_NODENAME", "test" + port + "@localhost",
                "RABBITMQ_DIST_PORT", Integer.toString(FreePort.next()),
                "ERL_EPMD_PORT", Integer.toString(FreePort.next()),
                "ERL_EPMD_ADDRESS", "127.0.0.1");
    }

    /** Says so where it is not. */
    public static boolean isInstalled() {
        boolean installed = Files.exists(SERVER);
        if (!installed) {
            System.out.println("RabbitMQ is not tested: there is no " + SERVER + " (Debian: rabbitmq-server)");
        }
        return installed;
    }

    public static RabbitMqBroker start(Path directory, List<String> queues) throws IOException {
        RabbitMqBroker broker = new RabbitMqBroker(Files.createDirectories(directory));
        Files.writeString(directory.resolve("plugins"), "[rabbitmq_amqp1_0].");
        Files.writeString(
                directory.resolve("rabbitmq.conf"),
                "listeners.tcp.1 = 127.0.0.1:" + broker.port + "\nloopback_users = none\n");
        broker.prefix = broker.ctl("version").startsWith("3.") ? "/amq/queue/" : "/queues/";
        broker.restart();
        broker.declare(queues);
        return broker;
    }

    /** Durable. */
    public void declare(List<String> queues) throws IOException {
        String names = queues.stream().map(queue -> "<<\"" + queue + "\">>").collect(Collectors.joining(", "));
        ctl(
                "eval",
                "[rabbit_amqqueue:declare(rabbit_misc:r(<<\"/\">>, queue, Q), true, false, [], none, <<\"test\">>)"
                        + " || Q <- [" + names + "]], ok.");
    }

    /** Sends, as clients of AMQP 0-9-1 can, what is said to be a message of AMQP 1.0, and so handed on as it is. */
    public void sendAsEncoded(String queue, byte... message) throws IOException {
        ctl(
                "eval",
                "rabbit_basic:publish(rabbit_misc:r(<<\"/\">>, exchange, <<>>), <<\"" + queue + "\">>,"
                        + " [{type, <<\"amqp-1.0\">>}], <<"
                        + IntStream.range(0, message.length)
                                .mapToObj(i -> Integer.toString(message[i] & 0xff))
                                .collect(Collectors.joining(","))
                        + ">>).");
    }

    /** With the messages in it. */
    public void delete(String queue) throws IOException {
        ctl("delete_queue", queue);
    }

    /** The address of a queue that is there; a plain name would declare another one. */
    public String address(String queue) {
        return prefix + queue;
    }

    public String url() {
        return "amqp://127.0.0.1:" + port;
    }

    /** Name and durability of each queue, one a line. */
    public List<String> queues() throws IOException {
        return ctl("list_queues", "-q", "name", "durable")
                .lines()
                .skip(1)
                .sorted()
                .toList();
    }

    /** SIGTERM, which it needs to write down what it holds. */
    public void stop() {
        process.destroy();
        awaitEnd();
    }

    /** On the same port, with the messages of durable queues. */
    public void restart() throws IOException {
        process = command(SERVER)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("out").toFile()))
                .start();
        await("RabbitMQ on port " + port).atMost(LONG).until(this::answers);
    }

    private boolean answers() throws IOException {
        if (!process.isAlive()) {
            throw new AssertionError("RabbitMQ ended:\n" + Files.readString(directory.resolve("out")));
        }
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 500);
            return Files.readString(directory.resolve("out")).contains("completed with");
        } catch (IOException e) {
            return false;
        }
    }

    private String ctl(String... arguments) throws IOException {
        ProcessBuilder builder = command(CTL);
        builder.command().addAll(List.of(arguments));
        Process ctl = builder.start();
        String said = new String(ctl.getInputStream().readAllBytes());
        try {
            if (ctl.waitFor() != 0) {
                throw new AssertionError("rabbitmqctl " + List.of(arguments) + ": " + said);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        return said;
    }

    private ProcessBuilder command(Path program) {
        ProcessBuilder builder =
                new ProcessBuilder(new java.util.ArrayList<>(List.of(program.toString()))).redirectErrorStream(true);
        builder.environment().putAll(environment);
        // The port mapper ends when told to, although it still knows of the node that was killed.
        builder.environment().put("ERL_EPMD_RELAXED_COMMAND_CHECK", "1");
        return builder;
    }

    private void awaitEnd() {
        try {
            if (!process.waitFor(LONG.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError("RabbitMQ does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** With the port mapper on a port of its own, a daemon that RabbitMQ starts and leaves behind. */
    @Override
    public void close() throws IOException {
        if (process != null) {
            List<ProcessHandle> children = process.descendants().toList();
            process.destroyForcibly();
            children.forEach(ProcessHandle::destroyForcibly);
            awaitEnd();
            ProcessBuilder mapper = command(Path.of("/usr/bin/epmd"));
            mapper.command().addAll(List.of("-port", environment.get("ERL_EPMD_PORT"), "-kill"));
            mapper.start();
        }
    }
}
