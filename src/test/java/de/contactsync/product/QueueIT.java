package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import de.contactsync.FreePort;
import de.contactsync.brokers.ArtemisBroker;
import de.contactsync.brokers.ArtemisBroker.MessageMaker;
import de.contactsync.brokers.QueueClient;
import de.contactsync.brokers.TcpProxy;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.StreamMessage;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Keys by message, and what comes of them: each message of each kind, over each protocol, to each broker. */
@ParameterizedClass
@EnumSource
class QueueIT {

    enum Broker {
        TCP,
        AMQP,
        EMBEDDED
    }

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Duration PATIENT = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final String QUEUE = "contact-keys";
    private static final String OUTPUT = "contacts-enriched";
    private static final String DEAD_LETTER = "contacts-dead-letter";
    private static final String TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    private static final int LARGE = 10_000_000;

    @TempDir
    static Path folder;

    private static final AtomicInteger SEEDS = new AtomicInteger(700);

    private static JtlSimulator jtl;
    private static TcpProxy proxy;
    private static TcpProxy.Recording requests;
    private static ArtemisBroker artemis;
    private static Product product;
    private static RunningProduct worker;
    private static Tables tables;
    /** Over Artemis' own protocol and over AMQP; to the broker within over AMQP both. */
    private static List<QueueClient> clients;

    @Parameter
    Broker broker;

    @BeforeParameterizedClassInvocation
    static void start(Broker broker) throws IOException {
        jtl = JtlSimulator.start(
                SimulatorOptions.builder().countKeys(true).notFoundShare(0.2).build());
        proxy = new TcpProxy(jtl.port());
        requests = proxy.record();
        Path traps = Files.createDirectories(folder.resolve("traps/de/contactsync/product"));
        try (InputStream trap = Trap.class.getResourceAsStream("Trap.class")) {
            Files.copy(trap, traps.resolve("Trap.class"), StandardCopyOption.REPLACE_EXISTING);
        }
        product = Product.in(folder.resolve(broker.name()))
                .against(jtl)
                // The class of the trap shall be there, so that only we keep it from being made.
                .jvm("-Xbootclasspath/a:" + folder.resolve("traps"))
                .with("jtl.base-url", jtl.baseUrl().replace(":" + jtl.port(), ":" + proxy.port()))
                .with("jtl.bulk-read", "never")
                .with("contacts.sources", "queue")
                .with("contacts.sinks", "database,queue");
        int port;
        if (broker == Broker.EMBEDDED) {
            port = FreePort.next();
            product.with("contacts.queue.port", port)
                    .with("contacts.queue.username", "shop")
                    .with("contacts.queue.password", "s3cr3t");
        } else {
            artemis = ArtemisBroker.start(folder.resolve(broker + "-artemis"));
            port = artemis.port();
            product.with("contacts.queue.url", broker == Broker.TCP ? artemis.url() : artemis.amqpUrl());
        }
        worker = product.start("run");
        tables = Tables.of(product);
        await().atMost(LONG).until(() -> {
            assertThat(worker.isAlive()).as(worker.toString()).isTrue();
            return worker.stderr().contains("Taking keys from the queue");
        });
        String amqp = "amqp://127.0.0.1:" + port;
        clients = broker == Broker.EMBEDDED
                ? List.of(QueueClient.of(amqp, "shop", "s3cr3t"), QueueClient.of(amqp, "shop", "s3cr3t"))
                : List.of(QueueClient.of("tcp://127.0.0.1:" + port), QueueClient.of(amqp));
    }

    /** Whatever came in: in the end nothing is left, and nobody has lost his temper. */
    @AfterParameterizedClassInvocation
    static void stop() {
        try {
            assertThat(clients.get(0).browse(QUEUE)).as("left on the queue").isEmpty();
            if (artemis != null) {
                assertThat(artemis.browse(ArtemisBroker.DEAD_LETTERS))
                        .as("given up by the broker")
                        .isEmpty();
            }
            worker.terminate();
            assertThat(worker.exitCode(Duration.ofSeconds(30)))
                    .as(worker.toString())
                    .isZero();
            assertThat(worker.stderr()).doesNotContain(" ERROR ", "OutOfMemory").doesNotContain("cannot be used");
        } finally {
            product.close();
            proxy.close();
            jtl.close();
            if (artemis != null) {
                artemis.close();
                artemis = null;
            }
        }
    }

    private static KeyFiles keys(int count) {
        return KeyFiles.good(SEEDS.incrementAndGet(), count);
    }

    private static boolean exists(KeyFiles.Key key) {
        return jtl.contact(UUID.fromString(Product.TENANT), key.customerId(), key.contactId())
                .isPresent();
    }

    private static KeyFiles.Key key(boolean known) {
        return keys(100).keys().stream()
                .filter(key -> exists(key) == known)
                .findFirst()
                .orElseThrow();
    }

    /** By the correlation id of the request, or request and number of the key. */
    private static Map<String, Message> published(String queue, int count) {
        Map<String, Message> published = new TreeMap<>();
        await().atMost(LONG).until(() -> {
            assertThat(worker.isAlive()).as(worker.toString()).isTrue();
            for (Message message : clients.get(0).receiveAll(queue, SHORT)) {
                String id = message.getStringProperty("messageId");
                String which = message.getJMSCorrelationID() + (id.contains("#") ? id.substring(id.indexOf('#')) : "");
                assertThat(published.put(which, message))
                        .as("published twice: " + which)
                        .isNull();
            }
            return published.size() >= count;
        });
        assertThat(published.keySet()).as(worker.toString()).hasSize(count);
        return published;
    }

    private static MessageMaker correlated(String correlationId, MessageMaker maker) {
        return session -> {
            Message message = maker.make(session);
            message.setJMSCorrelationID(correlationId);
            message.setStringProperty("traceparent", TRACE);
            return message;
        };
    }

    @Test
    @OnBothRuntimes
    void texts_bytes_and_arrays_of_keys_are_stored_and_published() throws IOException, JMSException {
        KeyFiles keys = keys(60);
        Map<String, MessageMaker> messages = new LinkedHashMap<>();
        for (int i = 0; i < 20; i++) {
            String text = keys.keys().get(i).json();
            messages.put("text-" + i, session -> session.createTextMessage(text));
            byte[] bytes = keys.keys().get(20 + i).json().getBytes(StandardCharsets.UTF_8);
            messages.put("bytes-" + i, session -> {
                BytesMessage message = session.createBytesMessage();
                message.writeBytes(bytes);
                return message;
            });
        }
        for (int i = 40; i < 60; i += 5) {
            String array = keys.keys().subList(i, i + 5).stream()
                    .map(KeyFiles.Key::json)
                    .toList()
                    .toString();
            messages.put("array-" + i, session -> session.createTextMessage(array));
        }
        sendToBoth(messages);

        int found = keys.contacts(jtl).size();
        Map<String, Message> enriched = published(OUTPUT, 2 * found);
        Map<String, Message> errors = published(DEAD_LETTER, 2 * (60 - found));

        assertThat(tables.contacts()).containsAll(keys.contacts(jtl));
        for (Message message : enriched.values()) {
            JsonNode body = JSON.readTree(ArtemisBroker.text(message));
            assertThat(body.get("messageId").textValue()).isEqualTo(message.getStringProperty("messageId"));
            assertThat(message.getStringProperty("outcome")).isEqualTo("found");
            assertThat(message.getStringProperty("traceparent")).isEqualTo(TRACE);
            assertThat(tables.rows("SELECT last_name, content_hash FROM contact WHERE contact_id = '"
                            + body.get("contactId").textValue() + "'"))
                    .containsExactly(Arrays.asList(
                            body.get("lastName").textValue(),
                            body.get("contentHash").textValue()));
        }
        for (Message message : errors.values()) {
            JsonNode body = JSON.readTree(ArtemisBroker.text(message));
            assertThat(body.get("outcome").textValue()).isEqualTo("not-found");
            assertThat(body.get("httpStatus").intValue()).isEqualTo(404);
            assertThat(tables.rows(
                            "SELECT source, stage, reason, http_status, run_id, contact_id FROM dead_letter WHERE"
                                    + " position = '" + message.getStringProperty("messageId") + "'"))
                    .containsExactly(Arrays.asList(
                            "queue",
                            "jtl",
                            "not-found",
                            "404",
                            null,
                            body.get("contactId").textValue()));
        }
        Set<String> named = new TreeSet<>(enriched.keySet());
        named.addAll(errors.keySet());
        assertThat(named).hasSize(2 * 60).contains("text-0", "bytes-19/1", "array-55#5");
    }

    @Test
    @OnBothRuntimes
    void what_is_no_key_is_a_dead_letter_once_and_nothing_is_made_of_objects()
            throws JMSException, JsonProcessingException {
        Path marker = folder.resolve(broker + "-marker");
        Map<String, MessageMaker> messages = new LinkedHashMap<>();
        messages.put("broken", session -> session.createTextMessage("{\"customerId\":"));
        messages.put("no-json", session -> session.createTextMessage("b45f6432;7c9e6679"));
        messages.put(
                "no-uuid", session -> session.createTextMessage("{\"customerId\":\"${sys:x}\",\"contactId\":\"7\"}"));
        messages.put("no-element", session -> session.createTextMessage("[]"));
        messages.put("blank", session -> session.createTextMessage(" \n\t "));
        messages.put("empty-text", session -> session.createTextMessage(""));
        messages.put("null-text", session -> session.createTextMessage());
        messages.put("body-less", session -> session.createMessage());
        messages.put("object", session -> session.createObjectMessage(new Trap(marker.toString())));
        messages.put("map", session -> {
            MapMessage message = session.createMapMessage();
            message.setString("customerId", "7");
            return message;
        });
        messages.put("stream", session -> {
            StreamMessage message = session.createStreamMessage();
            message.writeString("customerId");
            return message;
        });
        messages.put("large-text", session -> session.createTextMessage("x".repeat(LARGE)));
        messages.put("large-bytes", session -> {
            BytesMessage message = session.createBytesMessage();
            message.writeBytes(new byte[LARGE]);
            return message;
        });
        messages.put("no-utf-8", session -> {
            BytesMessage message = session.createBytesMessage();
            message.writeBytes(new byte[] {(byte) 0xff, (byte) 0xfe, 0, (byte) 0xd8, 0, 0});
            return message;
        });
        long before = tables.number("SELECT count(*) FROM dead_letter");
        sendToBoth(messages);

        Map<String, Message> errors = published(DEAD_LETTER, 2 * messages.size());
        assertThat(tables.number("SELECT count(*) FROM dead_letter") - before).isEqualTo(2L * messages.size());
        for (Map.Entry<String, Message> error : errors.entrySet()) {
            JsonNode body = JSON.readTree(ArtemisBroker.text(error.getValue()));
            assertThat(body.get("outcome").textValue()).as(error.getKey()).isEqualTo("invalid-key");
            assertThat(body.get("rawKey").textValue().length())
                    .as(error.getKey())
                    .isLessThanOrEqualTo(1024);
            assertThat(tables.rows("SELECT stage, attempts FROM dead_letter WHERE position = '"
                            + error.getValue().getStringProperty("messageId") + "'"))
                    .as(error.getKey())
                    .containsExactly(List.of("key", "0"));
        }
        assertThat(Files.exists(marker))
                .as("a Java object was made of a message")
                .isFalse();
    }

    @Test
    void headers_of_a_message_steer_nothing_and_go_nowhere() throws Exception {
        KeyFiles.Key known = key(true);
        Map<String, String> forged = new LinkedHashMap<>();
        AtomicInteger lured = new AtomicInteger();
        try (ServerSocket trap = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            Thread thread = new Thread(() -> count(trap, lured));
            thread.setDaemon(true);
            thread.start();
            String url = "http://127.0.0.1:" + trap.getLocalPort() + "/canary";
            forged.put("CamelHttpUri", url);
            forged.put("cAmelHttpUri", url);
            forged.put("CamelHttpPath", "canary");
            forged.put("CamelHttpQuery", "canary=1");
            forged.put("CamelHttpMethod", "DELETE");
            forged.put("CamelSqlQuery", "DROP TABLE contact -- canary");
            forged.put("CamelBeanMethodName", "canary");
            forged.put("CamelFileName", "canary");
            forged.put("CamelToEndpoint", url);
            forged.put("CamelJmsDestinationName", "canary");
            forged.put("JMS_DASH_canary", "canary");
            forged.put("kafka_DOT_OVERRIDE_TOPIC", "canary");
            forged.put("Authorization", "Bearer canary");
            forged.put("X_Tenant_ID", "canary");
            forged.put("messageId", "canary");
            forged.put("outcome", "canary");
            forged.put("tracestate", "canary");
            MessageMaker maker = session -> {
                Message message = session.createTextMessage(known.json());
                for (Map.Entry<String, String> header : forged.entrySet()) {
                    message.setStringProperty(header.getKey(), header.getValue());
                }
                message.setJMSType("canary");
                return message;
            };
            sendToBoth(Map.of("forged", maker));

            Map<String, Message> enriched = published(OUTPUT, 2);
            for (Message message : enriched.values()) {
                Set<String> names = new TreeSet<>();
                for (Enumeration<?> each = message.getPropertyNames(); each.hasMoreElements(); ) {
                    String name = each.nextElement().toString();
                    // Those of brokers and client libraries aside.
                    if (!name.startsWith("JMS") && !name.equals("NATIVE_MESSAGE_ID")) {
                        names.add(name);
                    }
                    assertThat(message.getStringProperty(name)).doesNotContain("canary");
                }
                assertThat(names).containsExactly("messageId", "outcome", "traceparent");
                assertThat(message.getJMSType()).isNull();
                assertThat(ArtemisBroker.text(message)).doesNotContain("canary");
            }
            assertThat(lured).as("calls of the forged address").hasValue(0);
            assertThat(requests.text()).contains(known.contactId().toString()).doesNotContain("canary");
            assertThat(worker.stderr()).doesNotContain("canary");
        }
    }

    private static void count(ServerSocket trap, AtomicInteger lured) {
        try {
            while (true) {
                trap.accept().close();
                lured.incrementAndGet();
            }
        } catch (IOException e) {
            // The test is over.
        }
    }

    @Test
    void whoever_wants_a_reply_gets_the_contact_or_the_error_with_its_status() throws Exception {
        for (QueueClient client : clients) {
            JsonNode found = reply(client.request(QUEUE, key(true).json(), PATIENT), "found");
            assertThat(found.get("lastName").textValue()).isNotEmpty();
            JsonNode unknown = reply(client.request(QUEUE, key(false).json(), PATIENT), "not-found");
            assertThat(unknown.get("httpStatus").intValue()).isEqualTo(404);
            JsonNode invalid = reply(client.request(QUEUE, "{\"customerId\":\"x7\"}", PATIENT), "invalid-key");
            assertThat(invalid.get("errorMessage").textValue()).contains("customerId");
            JsonNode several = reply(
                    client.request(
                            QUEUE, List.of(key(true).json(), key(false).json()).toString(), PATIENT),
                    "several");
            assertThat(several)
                    .extracting(each -> each.get("outcome").textValue())
                    .containsExactly("found", "not-found");
            JsonNode none = reply(client.request(QUEUE, "[]", PATIENT), "invalid-key");
            assertThat(none.get("errorMessage").textValue()).contains("no key");
        }
        published(OUTPUT, 2 * 2);
        published(DEAD_LETTER, 2 * 4);
    }

    private static JsonNode reply(Message reply, String outcome) throws JMSException, JsonProcessingException {
        assertThat(reply).as(worker.toString()).isNotNull();
        assertThat(reply.getStringProperty("outcome")).isEqualTo(outcome);
        assertThat(reply.getJMSCorrelationID()).as("the id of the request").startsWith("ID:");
        return JSON.readTree(ArtemisBroker.text(reply));
    }

    @Test
    void a_reply_goes_to_a_named_queue_too_and_nobody_minds_when_nobody_is_there() throws Exception {
        KeyFiles keys = keys(20);
        List<String> left = new ArrayList<>();
        for (QueueClient client : clients) {
            for (KeyFiles.Key key : keys.keys().subList(0, 5)) {
                left.add(client.requestAndLeave(QUEUE, key.json()));
            }
        }
        Map<String, MessageMaker> messages = new LinkedHashMap<>();
        for (KeyFiles.Key key : keys.keys()) {
            messages.put("named-" + key.contactId(), session -> {
                Message message = session.createTextMessage(key.json());
                message.setJMSReplyTo(session.createQueue("answers"));
                return message;
            });
        }
        sendToBoth(messages);

        int found = keys.contacts(jtl).size();
        List<Message> replies = new ArrayList<>();
        await().atMost(LONG).until(() -> {
            replies.addAll(clients.get(1).receiveAll("answers", SHORT));
            return replies.size() >= 40;
        });
        List<String> correlations = new ArrayList<>();
        for (Message reply : replies) {
            correlations.add(reply.getJMSCorrelationID());
        }
        assertThat(correlations).hasSize(40).doesNotHaveDuplicates();
        long foundOfFirst =
                keys.keys().subList(0, 5).stream().filter(QueueIT::exists).count();
        published(OUTPUT, (int) (2 * found + 2 * foundOfFirst));
        published(DEAD_LETTER, (int) (2 * (20 - found) + 2 * (5 - foundOfFirst)));
        // Over AMQP nobody can be asked whether it is there; what is sent does not live for long.
        for (String queue : broker == Broker.EMBEDDED ? List.<String>of() : left) {
            for (Message reply : artemis.browse(queue)) {
                assertThat(reply.getJMSExpiration())
                        .as("a reply that nobody fetches expires")
                        .isPositive();
            }
        }
    }

    /** Each of them once had a line of its own, and some brokers end the session of whoever sends to such a queue. */
    @Test
    void replies_to_a_missing_queue_are_dropped_and_logged_once() throws Exception {
        assumeThat(broker).as("has all queues").isNotEqualTo(Broker.EMBEDDED);
        KeyFiles keys = keys(60);
        Map<String, MessageMaker> messages = new LinkedHashMap<>();
        for (int i = 0; i < 60; i++) {
            String body = keys.messages().get(i);
            String replyTo = i % 2 == 0 ? ArtemisBroker.MISSING + ".answers" : "answers-among-missing";
            messages.put("missing-" + i, session -> {
                Message message = session.createTextMessage(body);
                message.setJMSReplyTo(session.createQueue(replyTo));
                return message;
            });
        }
        sendToBoth(messages);

        int found = keys.contacts(jtl).size();
        published(OUTPUT, 2 * found);
        published(DEAD_LETTER, 2 * (60 - found));
        List<Message> replies = new ArrayList<>();
        await().atMost(LONG).until(() -> {
            replies.addAll(clients.get(1).receiveAll("answers-among-missing", SHORT));
            return replies.size() >= 60;
        });
        assertThat(replies).hasSize(60);
        assertThat(worker.stderr().split("cannot be delivered to missing.answers", -1))
                .as(worker.toString())
                .hasSize(2);
    }

    /** Under different correlation ids, which end with {@code /1} for the second client. */
    private static void sendToBoth(Map<String, MessageMaker> messages) {
        for (int i = 0; i < clients.size(); i++) {
            List<MessageMaker> makers = new ArrayList<>();
            int number = i;
            messages.forEach((name, maker) -> makers.add(correlated(name + (number == 0 ? "" : "/1"), maker)));
            clients.get(i).send(QUEUE, makers);
        }
    }
}
