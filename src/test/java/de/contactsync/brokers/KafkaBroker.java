package de.contactsync.brokers;

import de.contactsync.FreePort;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * A Kafka in a JVM of its own: broker and controller in one process, without ZooKeeper. Topics come into being with one
 * partition when somebody uses them, unless they were created before. A restart keeps port and records; closing ends
 * it.
 */
public final class KafkaBroker implements AutoCloseable {

    private static final long LONG_SECONDS = 60;
    private static final String SCRAM = "SCRAM-SHA-512";

    private final int port;
    private final int loginPort;
    private final BrokerProcess process;

    private KafkaBroker(int port, int loginPort, BrokerProcess process) {
        this.port = port;
        this.loginPort = loginPort;
        this.process = process;
    }

    public static KafkaBroker start(Path directory) throws IOException {
        return start(directory, null, null);
    }

    /** With topics, but with nobody who coordinates groups: that needs more brokers than there are. */
    public static KafkaBroker startWithoutCoordinator(Path directory) throws IOException {
        return start(directory, null, null, null, Map.of("offsets.topic.replication.factor", "3"));
    }

    /** With a second listener, on {@link #loginAddress}, for nobody but this user (SASL PLAIN). */
    public static KafkaBroker start(Path directory, String user, String password) throws IOException {
        return start(directory, user, password, null);
    }

    /**
     * As {@link #start(Path, String, String)}, but the second listener is over TLS and for SCRAM-SHA-512.
     *
     * @param keyStore PKCS#12, with the same password as the user's
     */
    public static KafkaBroker start(Path directory, String user, String password, Path keyStore) throws IOException {
        return start(directory, user, password, keyStore, Map.of());
    }

    private static KafkaBroker start(
            Path directory, String user, String password, Path keyStore, Map<String, String> more) throws IOException {
        Files.createDirectories(directory);
        int port = FreePort.next();
        int loginPort = FreePort.next();
        Path file = directory.resolve("server.properties");
        Properties settings = settings(port, FreePort.next(), directory.resolve("log"));
        settings.putAll(more);
        List<String> arguments =
                new ArrayList<>(List.of(file.toString(), Uuid.randomUuid().toString()));
        if (user != null) {
            settings.merge("listeners", ",LOGIN://127.0.0.1:" + loginPort, KafkaBroker::joined);
        }
        if (user != null && keyStore == null) {
            settings.merge("listener.security.protocol.map", ",LOGIN:SASL_PLAINTEXT", KafkaBroker::joined);
            settings.setProperty("sasl.enabled.mechanisms", "PLAIN");
            settings.setProperty(
                    "listener.name.login.plain.sasl.jaas.config",
                    "org.apache.kafka.common.security.plain.PlainLoginModule required user_" + user + "=\""
                            + password.replace("\\", "\\\\") + "\";");
        }
        if (keyStore != null) {
            settings.merge("listener.security.protocol.map", ",LOGIN:SASL_SSL", KafkaBroker::joined);
            settings.setProperty("sasl.enabled.mechanisms", SCRAM);
            settings.setProperty(
                    "listener.name.login.scram-sha-512.sasl.jaas.config",
                    "org.apache.kafka.common.security.scram.ScramLoginModule required;");
            settings.setProperty("listener.name.login.ssl.keystore.type", "PKCS12");
            settings.setProperty("listener.name.login.ssl.keystore.location", keyStore.toString());
            settings.setProperty("listener.name.login.ssl.keystore.password", password);
            settings.setProperty("listener.name.login.ssl.key.password", password);
            arguments.addAll(List.of("--add-scram", SCRAM + "=[name=" + user + ",password=" + password + "]"));
        }
        try (var out = Files.newBufferedWriter(file)) {
            settings.store(out, null);
        }
        KafkaBroker broker = new KafkaBroker(
                port,
                loginPort,
                new BrokerProcess(KafkaMain.class, 512, directory.resolve("broker.log"), port, arguments));
        broker.restart();
        return broker;
    }

    private static Object joined(Object one, Object other) {
        return one.toString() + other;
    }

    private static Properties settings(int port, int controllerPort, Path log) {
        Properties settings = new Properties();
        settings.putAll(Map.ofEntries(
                Map.entry("process.roles", "broker,controller"),
                Map.entry("node.id", "1"),
                Map.entry("controller.quorum.voters", "1@127.0.0.1:" + controllerPort),
                Map.entry("listeners", "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort),
                Map.entry("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT"),
                Map.entry("controller.listener.names", "CONTROLLER"),
                Map.entry("log.dirs", log.toString()),
                Map.entry("offsets.topic.replication.factor", "1"),
                Map.entry("offsets.topic.num.partitions", "1"),
                Map.entry("transaction.state.log.replication.factor", "1"),
                Map.entry("transaction.state.log.min.isr", "1"),
                Map.entry("transaction.state.log.num.partitions", "1"),
                Map.entry("share.coordinator.state.topic.replication.factor", "1"),
                Map.entry("share.coordinator.state.topic.min.isr", "1"),
                // So that groups form, and a killed broker is let in again, within a moment.
                Map.entry("group.initial.rebalance.delay.ms", "0"),
                Map.entry("group.min.session.timeout.ms", "1000"),
                Map.entry("broker.session.timeout.ms", "2000"),
                Map.entry("broker.heartbeat.interval.ms", "250"),
                Map.entry("message.max.bytes", "20000000"),
                Map.entry("log.cleaner.enable", "false")));
        return settings;
    }

    /** Host and port, as {@code bootstrap.servers} has them. */
    public String address() {
        return "127.0.0.1:" + port;
    }

    /** As {@link #address}, for those with a login. */
    public String loginAddress() {
        return "127.0.0.1:" + loginPort;
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

    /** On the same port, with the same records, after {@link #kill} or {@link #stop}. */
    public void restart() {
        process.start();
        admin(admin -> admin.describeCluster().nodes());
    }

    public void createTopic(String topic, int partitions) {
        admin(admin -> admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1)))
                .all());
    }

    /** One partition that takes no more bytes at once. */
    public void createNarrowTopic(String topic, int bytes) {
        NewTopic narrow =
                new NewTopic(topic, 1, (short) 1).configs(Map.of("max.message.bytes", Integer.toString(bytes)));
        admin(admin -> admin.createTopics(List.of(narrow)).all());
    }

    public Set<String> topics() {
        return admin(admin -> admin.listTopics().names());
    }

    /** To the partition that Kafka chooses. */
    public void produce(String topic, String value) {
        produce(List.of(new ProducerRecord<>(topic, value.getBytes(StandardCharsets.UTF_8))));
    }

    /** Returns when the broker has all of them. */
    public void produce(List<ProducerRecord<byte[], byte[]>> records) {
        // An idempotent producer waits for its own lost sequence when a new partition has no leader yet.
        Map<String, Object> settings = Map.of(
                "bootstrap.servers",
                address(),
                "max.request.size",
                20_000_000,
                "acks",
                "all",
                "enable.idempotence",
                false,
                "max.in.flight.requests.per.connection",
                1);
        try (Producer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            List<Future<?>> sent = new ArrayList<>();
            records.forEach(each -> sent.add(producer.send(each)));
            sent.forEach(KafkaBroker::get);
        }
    }

    /** All that stands in a topic at this moment, partition by partition, in order; nothing is committed. */
    public List<ConsumerRecord<byte[], byte[]>> records(String topic) {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", address(), "enable.auto.commit", "false"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(each -> new TopicPartition(topic, each.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> read =
                    new TreeMap<>((one, other) -> Integer.compare(one.partition(), other.partition()));
            while (partitions.stream().anyMatch(each -> consumer.position(each) < ends.get(each))) {
                var some = consumer.poll(Duration.ofSeconds(5));
                some.partitions()
                        .forEach(each -> read.computeIfAbsent(each, none -> new ArrayList<>())
                                .addAll(some.records(each)));
            }
            return read.values().stream().flatMap(List::stream).toList();
        }
    }

    /** The committed offsets of a group by {@code topic-partition}; without those where it has committed nothing. */
    public Map<String, Long> committed(String group) {
        Map<String, Long> offsets = new TreeMap<>();
        admin(admin -> admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata())
                .forEach((partition, offset) -> offsets.put(partition.toString(), offset.offset()));
        return offsets;
    }

    /** How many partitions each member of a group has. */
    public List<Integer> shares(String group) {
        return admin(admin -> admin.describeConsumerGroups(List.of(group))
                        .describedGroups()
                        .get(group))
                .members()
                .stream()
                .map(member -> member.assignment().topicPartitions().size())
                .sorted()
                .toList();
    }

    /** The value of a header as text; null without one. */
    public static String header(ConsumerRecord<byte[], byte[]> each, String name) {
        Header header = each.headers().lastHeader(name);
        return header == null || header.value() == null ? null : new String(header.value(), StandardCharsets.UTF_8);
    }

    private interface Question<T> {
        Future<T> ask(Admin admin);
    }

    private <T> T admin(Question<T> question) {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", address()))) {
            return get(question.ask(admin));
        }
    }

    private static <T> T get(Future<T> future) {
        try {
            return future.get(LONG_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        process.close();
    }
}
