package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import de.contactsync.FreePort;
import de.contactsync.brokers.AmqpSender;
import de.contactsync.brokers.ArtemisBroker;
import de.contactsync.brokers.RabbitMqBroker;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.apache.qpid.protonj2.client.AdvancedMessage;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.exceptions.ClientException;
import org.apache.qpid.protonj2.types.Binary;
import org.apache.qpid.protonj2.types.Symbol;
import org.apache.qpid.protonj2.types.UnknownDescribedType;
import org.apache.qpid.protonj2.types.UnsignedInteger;
import org.apache.qpid.protonj2.types.UnsignedLong;
import org.apache.qpid.protonj2.types.messaging.AmqpSequence;
import org.apache.qpid.protonj2.types.messaging.AmqpValue;
import org.apache.qpid.protonj2.types.messaging.Data;
import org.apache.qpid.protonj2.types.messaging.Section;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each kind of body and id that AMQP 1.0 knows, in random order among good ones, on each kind of broker. */
class AmqpBodiesIT {

    enum Broker {
        EMBEDDED,
        TCP,
        AMQP,
        RABBITMQ
    }

    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final long SEED = 12_14;
    private static final int ROUNDS = 6;
    private static final String QUEUE = "contact-keys";
    private static final List<String> QUEUES =
            List.of(QUEUE, QUEUE + ".held", QUEUE + ".chunks", "contacts-enriched", "contacts-dead-letter");

    @TempDir
    Path folder;

    private final Random random = new Random(SEED);
    private final KeyFiles keys = KeyFiles.good((int) SEED, 40 * ROUNDS);
    private final List<Message<?>> messages = new ArrayList<>();
    /** By the id that the sender gave, as text; the correlation id that answers must bear. */
    private final Map<String, Object> correlations = new HashMap<>();

    /** RabbitMQ names queues that are there by an address of its own. */
    private UnaryOperator<String> addressOf = queue -> queue;

    private int used;
    private int invalid;

    @ParameterizedTest
    @EnumSource
    void each_body_becomes_keys_or_an_invalid_key_and_fails_no_other(Broker broker) throws Exception {
        assumeThat(broker != Broker.RABBITMQ || RabbitMqBroker.isInstalled()).isTrue();
        try (JtlSimulator jtl = JtlSimulator.start(
                        SimulatorOptions.builder().notFoundShare(0).build());
                Product product = Product.in(folder.resolve("work")).against(jtl)) {
            product.with("contacts.sources", "queue")
                    .with("contacts.sinks", "database,queue")
                    .with("jtl.bulk-read", "never");
            switch (broker) {
                case EMBEDDED -> {
                    int port = FreePort.next();
                    product.with("contacts.queue.port", port)
                            .with("contacts.queue.username", "shop")
                            .with("contacts.queue.password", "s3cr3t");
                    check(broker, product, "amqp://127.0.0.1:" + port, jtl);
                }
                case RABBITMQ -> {
                    try (RabbitMqBroker rabbit = RabbitMqBroker.start(folder.resolve("rabbit"), QUEUES)) {
                        product.with("contacts.queue.url", rabbit.url())
                                .with("contacts.queue.transactions", false)
                                .with("contacts.queue.username", "guest")
                                .with("contacts.queue.password", "guest");
                        RunningProduct check = product.start("check");
                        assertThat(check.exitCode(LONG)).as(check.toString()).isZero();
                        addressOf = rabbit::address;
                        List<String> before = rabbit.queues();
                        // Once, the first of them ended each session that it was delivered to.
                        rabbit.sendAsEncoded(QUEUE, bytes("no AMQP"));
                        rabbit.sendAsEncoded(QUEUE, bytes("no AMQP either, and longer"));
                        rabbit.sendAsEncoded(QUEUE, new byte[] {0x00, 0x53, 0x75, (byte) 0xa0, (byte) 0xff, 1, 2, 3});
                        invalid += 3;
                        check(broker, product, rabbit.url(), jtl);
                        assertThat(rabbit.queues())
                                .as("queues, and whether they are durable")
                                .isEqualTo(before);
                    }
                }
                default -> {
                    // A message that costs another raises its delivery count, and lands here.
                    try (ArtemisBroker artemis = ArtemisBroker.in(folder.resolve("artemis"))
                            .withMaxDeliveryAttempts(2)
                            .start()) {
                        product.with("contacts.queue.url", broker == Broker.TCP ? artemis.url() : artemis.amqpUrl());
                        check(broker, product, artemis.amqpUrl(), jtl);
                        assertThat(artemis.browse(ArtemisBroker.DEAD_LETTERS))
                                .as("given up by the broker")
                                .isEmpty();
                    }
                }
            }
        }
    }

    private void check(Broker broker, Product product, String url, JtlSimulator jtl) throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            addGood(broker);
            addInvalid(broker);
        }
        Collections.shuffle(messages, random);
        RunningProduct worker = product.start("run");
        await().alias(worker.toString())
                .atMost(LONG)
                .until(() -> worker.stderr().contains("Taking keys from the queue"));
        URI address = URI.create(url);
        String user = broker == Broker.EMBEDDED ? "shop" : broker == Broker.RABBITMQ ? "guest" : null;
        String password = broker == Broker.EMBEDDED ? "s3cr3t" : user;
        try (AmqpSender sender = new AmqpSender(address.getHost(), address.getPort(), user, password)) {
            sender.send(addressOf.apply(QUEUE), messages);
            Tables tables = Tables.of(product);
            await().alias(worker.toString())
                    .atMost(LONG)
                    .until(() -> tables.number("SELECT count(*) FROM contact") >= used
                            && tables.number("SELECT count(*) FROM dead_letter") >= invalid);
            assertThat(tables.contacts()).hasSize(used);
            assertThat(tables.rows("SELECT DISTINCT stage, reason FROM dead_letter"))
                    .containsExactly(List.of("key", "invalid-key"));
            assertThat(tables.number("SELECT count(*) FROM dead_letter")).isEqualTo(invalid);
            assertIds(sender, tables);
            assertThat(sender.receiveAll(addressOf.apply(QUEUE), SHORT))
                    .as("left on the queue")
                    .isEmpty();
            worker.terminate();
            assertThat(worker.exitCode(LONG)).as(worker.toString()).isZero();
            assertThat(worker.stderr()).doesNotContain(" ERROR ").doesNotContain("cannot be used");
        }
    }

    /** Where there is no id, a digest stands for it. */
    private void assertIds(AmqpSender sender, Tables tables) throws ClientException {
        Set<String> positions = new TreeSet<>();
        tables.rows("SELECT position FROM dead_letter").forEach(row -> positions.add(String.valueOf(row.get(0))));
        for (String queue : List.of("contacts-enriched", "contacts-dead-letter")) {
            for (Message<?> message : sender.receiveAll(addressOf.apply(queue), SHORT)) {
                String id = String.valueOf(message.property("messageId")).replaceAll("#\\d+$", "");
                if (!id.startsWith("sha256:")) {
                    assertThat(correlations).as("an id that no sender gave").containsKey(id);
                    assertThat(message.correlationId()).as(id).isEqualTo(correlations.get(id));
                }
            }
        }
        positions.stream()
                .filter(position -> !position.startsWith("sha256:"))
                .forEach(position -> assertThat(correlations).containsKey(position.replaceAll("#\\d+$", "")));
    }

    private void addGood(Broker broker) throws ClientException {
        add(new AmqpValue<>(key().json()));
        add(new AmqpValue<>(new Binary(bytes(key().json()))));
        add(new AmqpValue<>(List.of(key().json(), key().json()).toString()));
        add(new Data(bytes(key().json())));
        add(new AmqpValue<>(map(key())));
        KeyFiles.Key uuids = key();
        add(new AmqpValue<>(Map.of("customerId", uuids.customerId(), "contactId", uuids.contactId())));
        add(new AmqpSequence<>(List.of(map(key()), map(key()))));
        if (broker != Broker.RABBITMQ) {
            // RabbitMQ 3.10 ends the connection of whoever sends such.
            add(new AmqpValue<>(List.of(map(key()), map(key()))));
            // The client library does not hand over symbols and described values, which once left an empty dead letter.
            add(new AmqpValue<>(Symbol.valueOf(key().json())));
            add(new AmqpValue<>(new UnknownDescribedType(UnsignedLong.valueOf(7), List.of(map(key())))));
        }
        // The client library keeps only the last of several sections, and once lost the keys before it.
        byte[] split = bytes(List.of(key().json(), key().json()).toString());
        add(new Data(split, 0, 70), new Data(split, 70, 50), new Data(split, 120, split.length - 120));
        add(new AmqpSequence<>(List.of(map(key()))), new AmqpSequence<>(List.of(map(key()), map(key()))));
    }

    private void addInvalid(Broker broker) throws ClientException {
        List<Object> values = new ArrayList<>(List.of(
                7,
                7L,
                7.5,
                (byte) 7,
                (short) 7,
                UnsignedInteger.valueOf(7),
                UnsignedLong.valueOf(7),
                true,
                'x',
                UUID.randomUUID(),
                new Date(),
                Symbol.valueOf("symbol"),
                "",
                "   ",
                "[]",
                "no key",
                Map.of("a", Map.of("b", "c")),
                new Binary(new byte[] {(byte) 0xff, (byte) 0xfe, 1, 2, 3}),
                List.of(),
                Map.of()));
        values.add(null);
        if (broker != Broker.RABBITMQ) {
            values.add(nested());
        }
        for (Object value : values) {
            add(new AmqpValue<>(value));
            invalid++;
        }
        add(new Data(new byte[0]));
        invalid++;
        if (broker != Broker.RABBITMQ) {
            // RabbitMQ 3.10 ends the connection of whoever sends such; each element is a key that is invalid.
            add();
            add(new AmqpValue<>(List.of(1, 2)));
            add(new AmqpValue<>(new int[] {1, 2}));
            add(new AmqpSequence<>(List.of("a", 2L)));
            invalid += 7;
        }
    }

    private static Object nested() {
        Object nested = "deep";
        for (int i = 0; i < 300; i++) {
            nested = i % 2 == 0 ? List.of(nested) : Map.of("a", nested);
        }
        return nested;
    }

    private KeyFiles.Key key() {
        return keys.keys().get(used++);
    }

    private static Map<String, Object> map(KeyFiles.Key key) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("customerId", key.customerId().toString());
        map.put("contactId", key.contactId().toString());
        map.put("further", "7");
        return map;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private void add(Section<?>... sections) throws ClientException {
        AdvancedMessage<?> message = Message.create().toAdvancedMessage();
        for (Section<?> section : sections) {
            message.addBodySection(section);
        }
        int number = messages.size();
        Object id =
                switch (number % 5) {
                    case 0 -> "order-" + number;
                    case 1 -> new UUID(SEED, number);
                    case 2 -> UnsignedLong.valueOf(number);
                    case 3 -> new Binary(new byte[] {(byte) 0xca, (byte) 0xfe, (byte) (number >> 8), (byte) number});
                    default -> null;
                };
        Object correlation = number % 2 == 0 || id == null ? new Binary(new byte[] {1, (byte) number}) : null;
        if (id == null) {
            message.creationTime(1_000_000L + number);
        } else {
            message.messageId(id);
            String text =
                    id instanceof Binary ? String.format("cafe%02x%02x", number >> 8, number & 0xff) : id.toString();
            correlations.put(text, correlation == null ? id : correlation);
        }
        if (correlation != null) {
            message.correlationId(correlation);
        }
        messages.add(message);
    }
}
