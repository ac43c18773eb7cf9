package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import de.contactsync.FreePort;
import de.contactsync.brokers.KafkaBroker;
import de.contactsync.simulator.Fault;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code run} with keys from a Kafka in a process of its own. */
@Order(1)
class KafkaIT {

    private static final Duration LONG = Duration.ofSeconds(120);
    private static final UUID TENANT = UUID.fromString(Product.TENANT);
    private static final int PARTITIONS = 4;
    private static final int RECORDS = 2_000;
    private static final String REFUSED = "7a1c9a52-0b1e-4f0e-8e5c-3d1f2a4b5c6d";
    private static final String PASSWORD = "canary p\\$;ss";
    private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    private static final String LETTERS =
            "SELECT position, stage, reason, http_status FROM dead_letter ORDER BY position";
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path brokerFolder;

    private static KafkaBroker broker;
    private static int topics;

    @TempDir
    Path folder;

    private JtlSimulator jtl;
    private Product product;
    private Tables tables;
    private String topic;

    @BeforeAll
    static void startBroker() throws IOException {
        broker = KafkaBroker.start(brokerFolder, "worker", PASSWORD);
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @BeforeEach
    void start() throws IOException {
        // 32 calls in flight: 800/s.
        jtl = JtlSimulator.start(options().port(FreePort.next()).build());
        topic = "keys" + ++topics;
        broker.createTopic(topic, PARTITIONS);
        product = Product.in(folder.resolve("work"))
                .against(jtl)
                .with("contacts.sources", "kafka")
                .with("contacts.sinks", "database,queue")
                .with("contacts.kafka.brokers", broker.address())
                .with("contacts.kafka.topic", topic)
                .with("contacts.kafka.group", topic + "-workers")
                .with("contacts.kafka.output", topic + "-out")
                .with("contacts.kafka.dead-letter", topic + "-dead");
        tables = Tables.of(product);
    }

    @AfterEach
    void stop() {
        product.close();
        jtl.close();
    }

    private static SimulatorOptions.Builder options() {
        return SimulatorOptions.builder()
                .latency(Duration.ofMillis(40))
                .notFoundShare(0.03)
                .countKeys(true);
    }

    @Test
    void hostile_records_become_dead_letters_and_block_no_others() throws IOException {
        KeyFiles.Key good = key(true);
        KeyFiles.Key missing = key(false);
        List<KeyFiles.Key> three = KeyFiles.good(3, 3).keys();
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        records.add(value("this is no JSON"));
        records.add(new ProducerRecord<>(topic, 0, "key".getBytes(), null));
        records.add(value("x".repeat(1_200_000)));
        records.add(value("[".repeat(50_000)));
        records.add(new ProducerRecord<>(topic, 0, null, new byte[] {(byte) 0xAC, (byte) 0xED, 0, 5, 0, -1}));
        records.add(value("[" + three.get(0).json() + "," + three.get(1).json() + ",{\"customerId\":4711}]"));
        records.add(value("[]"));
        records.add(value(missing.json()));
        ProducerRecord<byte[], byte[]> forged = value(good.json());
        forged.headers()
                .add("kafka.OVERRIDE_TOPIC", (topic + "-stolen").getBytes())
                .add("CamelHttpUri", "http://127.0.0.1:1/".getBytes())
                .add("cAmelHttpPath", "/elsewhere".getBytes())
                .add("CamelSqlQuery", "DROP TABLE contact".getBytes())
                .add("correlationId", "order-17".getBytes())
                .add("traceparent", TRACE.getBytes());
        records.add(forged);
        broker.produce(records);

        RunningProduct runningProduct = product.start("run");
        awaitCommitted(runningProduct, Map.of(topic + "-0", 9L));

        assertThat(tables.rows(LETTERS))
                .containsExactly(
                        row(topic + "-0@0", "key", "invalid-key", null),
                        row(topic + "-0@1", "key", "invalid-key", null),
                        row(topic + "-0@2", "key", "invalid-key", null),
                        row(topic + "-0@3", "key", "invalid-key", null),
                        row(topic + "-0@4", "key", "invalid-key", null),
                        row(topic + "-0@5#3", "key", "invalid-key", null),
                        row(topic + "-0@6", "key", "invalid-key", null),
                        row(topic + "-0@7", "jtl", "not-found", "404"));
        assertThat(tables.rows("SELECT DISTINCT source FROM dead_letter")).containsExactly(List.of("kafka"));
        assertThat(tables.rows("SELECT error_message FROM dead_letter WHERE position LIKE '%@1'"))
                .containsExactly(List.of("the record has no value: expected JSON, an object or an array of them"));
        assertThat(tables.number("SELECT max(length(raw_key)) FROM dead_letter"))
                .isLessThanOrEqualTo(1024);

        Map<String, ConsumerRecord<byte[], byte[]>> out = byMessageId(topic + "-out");
        assertThat(out)
                .containsKeys(topic + "-0@8", topic + "-0@5#1", topic + "-0@5#2")
                .hasSize(3);
        ConsumerRecord<byte[], byte[]> contact = out.get(topic + "-0@8");
        assertThat(new String(contact.key(), StandardCharsets.UTF_8))
                .isEqualTo(good.customerId() + "/" + good.contactId());
        assertThat(contact.headers())
                .extracting(header -> header.key())
                .containsExactlyInAnyOrder("messageId", "outcome", "correlationId", "traceparent");
        assertThat(KafkaBroker.header(contact, "correlationId")).isEqualTo("order-17");
        assertThat(KafkaBroker.header(contact, "traceparent")).isEqualTo(TRACE);
        JsonNode body = JSON.readTree(contact.value());
        JsonNode expected = JSON.readTree(
                jtl.contact(TENANT, good.customerId(), good.contactId()).orElseThrow());
        assertThat(body.get("lastName")).isEqualTo(expected.get("lastName"));
        assertThat(body.get("contactId").textValue()).isEqualTo(good.contactId().toString());

        Map<String, ConsumerRecord<byte[], byte[]>> dead = byMessageId(topic + "-dead");
        assertThat(dead).hasSize(8);
        ConsumerRecord<byte[], byte[]> letter = dead.get(topic + "-0@7");
        assertThat(KafkaBroker.header(letter, "__connect.errors.topic")).isEqualTo(topic);
        assertThat(KafkaBroker.header(letter, "__connect.errors.partition")).isEqualTo("0");
        assertThat(KafkaBroker.header(letter, "__connect.errors.offset")).isEqualTo("7");
        assertThat(KafkaBroker.header(letter, "__connect.errors.stage")).isEqualTo("jtl");
        assertThat(KafkaBroker.header(letter, "__connect.errors.exception.class.name"))
                .isEqualTo("not-found");
        assertThat(KafkaBroker.header(letter, "__connect.errors.exception.message"))
                .contains("JTL knows no such contact");
        assertThat(JSON.readTree(letter.value()).get("httpStatus").intValue()).isEqualTo(404);

        assertThat(broker.topics()).doesNotContain(topic + "-stolen");
        ImportCommandIT.assertNoStackTrace(runningProduct);
        assertThat(runningProduct.stderr()).doesNotContain("ERROR");
    }

    @Test
    void what_is_too_large_for_its_topic_becomes_a_short_error_and_blocks_nothing() throws IOException {
        broker.createNarrowTopic(topic + "-out", 300);
        broker.createNarrowTopic(topic + "-dead", 2_000);
        // In JSON each of these takes six bytes.
        broker.produce(List.of(
                value(key(true).json()),
                value("\u0001".repeat(1_000)),
                value(key(false).json())));

        RunningProduct runningProduct = product.start("run");
        awaitCommitted(runningProduct, Map.of(topic + "-0", 3L));

        assertThat(tables.contacts()).hasSize(1);
        assertThat(broker.records(topic + "-out")).isEmpty();
        Map<String, ConsumerRecord<byte[], byte[]>> dead = byMessageId(topic + "-dead");
        assertThat(dead).containsOnlyKeys(topic + "-0@0", topic + "-0@2");
        assertThat(KafkaBroker.header(dead.get(topic + "-0@0"), "outcome")).isEqualTo("sink-rejected");
        assertThat(KafkaBroker.header(dead.get(topic + "-0@0"), "__connect.errors.exception.message"))
                .contains("too large for the topic " + topic + "-out");
        assertThat(runningProduct.stderr().lines().filter(line -> line.contains("ERROR")))
                .singleElement()
                .asString()
                .contains("The result of record " + topic + "-0@1 is too large");
    }

    @Test
    @OnBothRuntimes
    void killed_and_killed_again_it_loses_nothing_and_stores_nothing_twice() throws IOException {
        KeyFiles file = produced(21, RECORDS);
        // 200 calls a second, so that there is something left to be done by the last.
        product.with("jtl.concurrency", 8);
        for (int stored = 300; stored <= 1_500; stored += 400) {
            RunningProduct runningProduct = product.start("run");
            int enough = stored;
            await().alias(runningProduct.toString())
                    .atMost(LONG)
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> accounted() >= enough);
            assertThat(runningProduct.kill()).as(runningProduct.toString()).isTrue();
        }
        assertThat(accounted()).as("not finished before the last kill").isLessThan(RECORDS);
        RunningProduct last = product.start("run");
        assertAllDone(last, file);
    }

    @Test
    @OnBothRuntimes
    void terminated_it_commits_what_is_in_flight_and_nothing_is_asked_twice() throws IOException {
        KeyFiles file = produced(22, RECORDS);
        RunningProduct first = product.start("run");
        await().alias(first.toString())
                .atMost(LONG)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> accounted() >= 300);
        first.terminate();
        assertThat(first.exitCode(Duration.ofSeconds(30))).as(first.toString()).isZero();
        assertThat(accounted())
                .isLessThan(RECORDS)
                .isEqualTo(broker.committed(topic + "-workers").values().stream()
                        .mapToLong(Long::longValue)
                        .sum());

        RunningProduct second = product.start("run");
        assertAllDone(second, file);
        assertThat(jtl.askedAgain()).isEmpty();
        ImportCommandIT.assertNoStackTrace(first);
        assertThat(first.stderr() + second.stderr()).doesNotContain("ERROR");
    }

    @Tag("outage")
    @Test
    void while_jtl_is_away_the_records_wait_and_are_neither_skipped_nor_dead_letters() throws IOException {
        KeyFiles file = produced(23, RECORDS);
        RunningProduct runningProduct = product.start("run");
        await().alias(runningProduct.toString())
                .atMost(LONG)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> accounted() >= 300);
        int port = jtl.port();
        jtl.close();
        await().alias(runningProduct.toString())
                .atMost(LONG)
                .until(() -> runningProduct.stderr().contains("next try in"));
        Map<String, Long> committed = broker.committed(topic + "-workers");
        // Longer than a silent member is kept in the group.
        await().alias("time passes")
                .pollDelay(Duration.ofSeconds(15))
                .atMost(LONG)
                .until(() -> true);
        assertThat(broker.committed(topic + "-workers")).isEqualTo(committed);
        assertThat(broker.shares(topic + "-workers")).as("still a member").containsExactly(PARTITIONS);

        jtl = JtlSimulator.start(options().port(port).build());
        assertAllDone(runningProduct, file);
        assertThat(runningProduct.stderr()).contains("is back after").doesNotContain("ERROR");
    }

    /** Once, they kept all records of the worker waiting, of whatever partition and tenant. */
    @Test
    void records_of_a_tenant_that_is_refused_keep_only_their_own_partitions_waiting() throws IOException {
        List<KeyFiles.Key> keys = KeyFiles.good(29, 80).keys();
        List<KeyFiles.Key> refused = keys.subList(0, 20);
        jtl.close();
        SimulatorOptions.Builder refusing = SimulatorOptions.builder()
                .port(jtl.port())
                .fault(Fault.status(402)
                        .onlyFor(refused.stream().map(KeyFiles.Key::contactId).toArray(UUID[]::new)));
        jtl = JtlSimulator.start(refusing.build());
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            records.add(value(keys.get(20 + i).json()));
        }
        for (KeyFiles.Key key : refused) {
            records.add(value("{\"tenantId\":\"" + REFUSED + "\"," + key.json().substring(1)));
        }
        for (int i = 25; i < 80; i++) {
            records.add(new ProducerRecord<>(
                    topic, i % 3 + 1, null, keys.get(i).json().getBytes(StandardCharsets.UTF_8)));
        }
        broker.produce(records);
        RunningProduct runningProduct = product.with("jtl.bulk-read", "never")
                .with("jtl.refusal-pause", "3s")
                .start("run");

        awaitCommitted(
                runningProduct, Map.of(topic + "-0", 5L, topic + "-1", 18L, topic + "-2", 19L, topic + "-3", 18L));
        assertThat(tables.number("SELECT count(*) FROM contact")).isEqualTo(60);
        List<ProducerRecord<byte[], byte[]>> later = new ArrayList<>();
        for (int i = 60; i < 80; i++) {
            later.add(new ProducerRecord<>(topic, 1, null, keys.get(i).json().getBytes(StandardCharsets.UTF_8)));
        }
        broker.produce(later);
        awaitCommitted(
                runningProduct, Map.of(topic + "-0", 5L, topic + "-1", 38L, topic + "-2", 19L, topic + "-3", 18L));

        int port = jtl.port();
        jtl.close();
        jtl = JtlSimulator.start(SimulatorOptions.builder().port(port).build());
        awaitCommitted(
                runningProduct, Map.of(topic + "-0", 25L, topic + "-1", 38L, topic + "-2", 19L, topic + "-3", 18L));
        assertThat(tables.number("SELECT count(*) FROM contact WHERE tenant_id = '" + REFUSED + "'"))
                .isEqualTo(20);
        assertThat(tables.number("SELECT count(*) FROM dead_letter")).isZero();
        assertThat(byMessageId(topic + "-out")).hasSize(100);
        assertThat(runningProduct.stderr()).doesNotContain(" ERROR ");
    }

    /**
     * It once said nothing of the next outage: each of the results that were to be published waited for the broker in
     * turn.
     */
    @Tag("outage")
    @Test
    void a_broker_killed_twice_is_reported_awaited_and_used_again() throws IOException {
        KeyFiles file = produced(24, RECORDS);
        RunningProduct runningProduct = product.start("run");
        await().alias(runningProduct.toString())
                .atMost(LONG)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> accounted() >= 400);
        for (int kills = 1; kills <= 3; kills++) {
            int outages = said(runningProduct, "cannot be used");
            broker.kill();
            try {
                awaitSaid(runningProduct, "cannot be used", outages);
            } finally {
                broker.restart();
            }
            awaitSaid(runningProduct, "is back after", outages);
        }
        assertAllDone(runningProduct, file);
        assertThat(runningProduct.stderr()).contains("Kafka at " + broker.address() + " cannot be used");
        ImportCommandIT.assertNoStackTrace(runningProduct);
    }

    private static int said(RunningProduct runningProduct, String words) {
        return runningProduct.stderr().split(words, -1).length - 1;
    }

    private static void awaitSaid(RunningProduct runningProduct, String words, int before) {
        await().alias(runningProduct.toString())
                .atMost(LONG)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> said(runningProduct, words) > before);
    }

    @Test
    void with_a_wrong_password_it_says_so_and_with_the_right_one_it_works() throws IOException {
        KeyFiles.Key key = key(true);
        broker.produce(List.of(value(key.json())));
        product.with("contacts.kafka.brokers", broker.loginAddress())
                .with("contacts.kafka.security-protocol", "SASL_PLAINTEXT")
                .with("contacts.kafka.username", "worker")
                .with("contacts.kafka.password", "canary-wrong");
        RunningProduct refused = product.start("run");
        await().alias(refused.toString())
                .atMost(LONG)
                .until(() -> refused.stderr().contains("check contacts.kafka.brokers, .username and .password"));
        refused.terminate();
        assertThat(refused.exitCode(Duration.ofSeconds(30)))
                .as(refused.toString())
                .isZero();

        RunningProduct runningProduct =
                product.with("contacts.kafka.password", PASSWORD).start("run");
        awaitCommitted(runningProduct, Map.of(topic + "-0", 1L));
        assertThat(byMessageId(topic + "-out")).containsOnlyKeys(topic + "-0@0");
        assertThat(refused.stderr() + runningProduct.stderr()).doesNotContain("canary");
    }

    @Tag("outage")
    @Test
    void frozen_until_the_group_has_given_it_up_it_joins_again_and_nothing_is_skipped() throws IOException {
        KeyFiles file = produced(26, RECORDS);
        RunningProduct runningProduct = product.start("run");
        await().alias(runningProduct.toString())
                .atMost(LONG)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> accounted() >= 400);
        runningProduct.freeze();
        await().atMost(LONG).until(() -> broker.shares(topic + "-workers").isEmpty());
        runningProduct.thaw();
        assertAllDone(runningProduct, file);
        ImportCommandIT.assertNoStackTrace(runningProduct);
    }

    @Tag("outage")
    @Test
    void work_continues_after_the_broker_freezes_until_the_group_evicts_us() throws IOException {
        product.with("contacts.sinks", "database");
        KeyFiles file = produced(27, RECORDS);
        RunningProduct runningProduct = product.start("run");
        await().alias(runningProduct.toString())
                .atMost(LONG)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> accounted() >= 300);
        broker.freeze();
        try {
            await().alias(runningProduct.toString())
                    .atMost(LONG)
                    .until(() -> runningProduct.stderr().contains("cannot be used"));
            // The second try to commit is under way then, and the last heartbeat longer ago than the group allows.
            await().alias("time passes")
                    .pollDelay(Duration.ofSeconds(8))
                    .atMost(LONG)
                    .until(() -> true);
        } finally {
            broker.thaw();
        }
        awaitCommitted(runningProduct, ends(file));
        assertThat(tables.contacts()).as(runningProduct.toString()).isEqualTo(file.contacts(jtl));
        assertThat(runningProduct.stderr()).contains("is back after");
    }

    @Tag("outage")
    @Test
    void two_workers_share_the_partitions_and_one_takes_over_when_the_other_is_killed() throws IOException {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start()) {
            product.with("contacts.database.url", postgres.getJdbcUrl("postgres", "postgres"))
                    .with("contacts.database.username", "postgres")
                    .with("contacts.database.password", "postgres");
            tables = Tables.of(product);
            RunningProduct first = product.start("run");
            RunningProduct second = product.start("run");
            await().alias(first.toString() + second)
                    .atMost(LONG)
                    .ignoreExceptions()
                    .until(() -> broker.shares(topic + "-workers").equals(List.of(2, 2)));
            KeyFiles file = produced(25, 2 * RECORDS);
            await().atMost(LONG).pollInterval(Duration.ofMillis(20)).until(() -> accounted() >= 500);
            assertThat(second.kill()).isTrue();
            assertAllDone(first, file);
            assertThat(broker.shares(topic + "-workers")).containsExactly(PARTITIONS);
            product.close();
        }
    }

    private KeyFiles produced(long seed, int count) {
        KeyFiles file = KeyFiles.good(seed, count);
        List<String> messages = file.messages();
        broker.produce(IntStream.range(0, count)
                .mapToObj(i -> new ProducerRecord<byte[], byte[]>(
                        topic, i % PARTITIONS, null, messages.get(i).getBytes(StandardCharsets.UTF_8)))
                .toList());
        return file;
    }

    private void assertAllDone(RunningProduct runningProduct, KeyFiles file) throws IOException {
        awaitCommitted(runningProduct, ends(file));
        List<List<String>> contacts = file.contacts(jtl);
        assertThat(tables.contacts()).as(runningProduct.toString()).isEqualTo(contacts);
        List<String> letters =
                tables.rows(LETTERS).stream().map(row -> row.get(0)).toList();
        assertThat(letters).doesNotHaveDuplicates().hasSize(file.records() - contacts.size());
        assertThat(tables.number("SELECT count(*) FROM dead_letter WHERE reason = 'not-found'"))
                .isEqualTo(letters.size());
        assertThat(byMessageId(topic + "-out")).hasSize(contacts.size());
        assertThat(byMessageId(topic + "-dead")).containsOnlyKeys(letters);
    }

    private Map<String, Long> ends(KeyFiles file) {
        Map<String, Long> ends = new HashMap<>();
        for (int i = 0; i < PARTITIONS; i++) {
            ends.put(topic + "-" + i, (long) file.records() / PARTITIONS);
        }
        return ends;
    }

    private void awaitCommitted(RunningProduct runningProduct, Map<String, Long> offsets) {
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(broker.committed(topic + "-workers"))
                        .as(runningProduct::toString)
                        .isEqualTo(offsets));
    }

    private long accounted() {
        try {
            return tables.number("SELECT (SELECT count(*) FROM contact) + (SELECT count(*) FROM dead_letter)");
        } catch (IllegalStateException e) {
            return 0;
        }
    }

    /** Several of one id are one to whoever gets them. */
    private Map<String, ConsumerRecord<byte[], byte[]>> byMessageId(String name) {
        Map<String, ConsumerRecord<byte[], byte[]>> messages = new HashMap<>();
        broker.records(name).forEach(each -> messages.put(KafkaBroker.header(each, "messageId"), each));
        return messages;
    }

    /** One that JTL knows, or does not. */
    private KeyFiles.Key key(boolean known) {
        return KeyFiles.good(1, 500).keys().stream()
                .filter(key ->
                        jtl.contact(TENANT, key.customerId(), key.contactId()).isPresent() == known)
                .findFirst()
                .orElseThrow();
    }

    private ProducerRecord<byte[], byte[]> value(String text) {
        return new ProducerRecord<>(topic, 0, null, text.getBytes(StandardCharsets.UTF_8));
    }

    private static List<String> row(String... cells) {
        return Arrays.asList(cells);
    }
}
