package de.contactsync.jtl;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import de.contactsync.model.Chunk;
import de.contactsync.model.ContactKey;
import de.contactsync.model.DeliveryBatch;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.EnrichedChunk;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.MessageChunk;
import de.contactsync.model.Outcome;
import de.contactsync.model.RunChunk;
import de.contactsync.outbox.OutboxFixture;
import de.contactsync.persistence.ChunkFixture;
import de.contactsync.persistence.EachDatabase;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;

/**
 * All sources at once over the shipped routes, the lookup service and the tables: messages that follow a change and may
 * join a call, runs whose chunk waits for a slow key, and runs that list customers first. JTL has the contacts, changes
 * them, has them no longer, and has them again. Whatever the order, database, dead letters and sink end as JTL told last,
 * which is no older than the last change that a message told of.
 */
@Timeout(60)
@ParameterizedClass
@EachDatabase
class NewestAnswerOfAllSourcesTest extends OutboxFixture {

    private static final int CONTACTS = 6;
    private static final int THREADS = 4;
    private static final int STEPS = 6;

    private final AtomicInteger version = new AtomicInteger();
    private final Map<ContactKey, Integer> told = new ConcurrentHashMap<>();
    private final Map<String, Integer> stored = new ConcurrentHashMap<>();
    private final Map<ContactKey, Outcome> answers = new ConcurrentHashMap<>();
    private final AtomicInteger chunks = new AtomicInteger();
    private final AtomicInteger positions = new AtomicInteger();

    private static ContactKey contact(int number) {
        return new ContactKey(ChunkFixture.TENANT, new UUID(0xC0, 1), new UUID(0xFFFF_0000_0000_0000L, number));
    }

    private KeyEntry entry(int number) {
        return new KeyEntry.Valid(positions.incrementAndGet(), contact(number));
    }

    private KeyEntry inItsPlace(KeyEntry listed) {
        long position = positions.incrementAndGet();
        return listed instanceof KeyEntry.Valid valid
                ? new KeyEntry.Valid(position, valid.key())
                : new KeyEntry.Invalid(position, "", "a customer without a list");
    }

    /** Answers with the version there is when a call arrives, some time later. */
    private void answer(HttpExchange call) throws IOException {
        int version = this.version.get();
        String lastName = "v" + version;
        String path = call.getRequestURI().getPath();
        int status = 200;
        String body;
        if (path.equals("/token")) {
            body = "{\"access_token\":\"t\",\"token_type\":\"Bearer\",\"expires_in\":3600}";
        } else if (path.endsWith("/v2/customers")) {
            body = "{\"items\":[{\"id\":\"" + new UUID(0xC0, 1) + "\"}],\"totalItems\":1,\"hasNextPage\":false}";
        } else if (isWithoutContacts(version)) {
            status = 404;
            body = "{\"errorCode\":\"NOT_FOUND\",\"errorMessage\":\"No contact with the given ID exists.\"}";
        } else if (path.endsWith("/contacts")) {
            body = IntStream.range(0, CONTACTS)
                    .mapToObj(i -> json(contact(i).contactId().toString(), lastName))
                    .collect(Collectors.joining(",", "[", "]"));
        } else {
            body = json(path.substring(path.lastIndexOf('/') + 1), lastName);
        }
        pause(path.endsWith("0") ? 12 : 3);
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        call.getResponseHeaders().add("Content-Type", "application/json");
        call.getRequestBody().readAllBytes();
        call.sendResponseHeaders(status, bytes.length);
        call.getResponseBody().write(bytes);
        call.close();
    }

    private static boolean isWithoutContacts(int version) {
        return version % 3 == 2;
    }

    private static String json(String id, String lastName) {
        return "{\"id\":\"" + id + "\",\"lastName\":\"" + lastName + "\"}";
    }

    private static void pause(int milliseconds) {
        try {
            new CountDownLatch(1).await(milliseconds, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void enrichAndCommit(ShippedRoutes routes, Chunk chunk, Random random) {
        EnrichedChunk enriched = routes.producer().requestBody("direct:enrich", chunk, EnrichedChunk.class);
        for (int i = 0; i < enriched.outcomes().size(); i++) {
            if (enriched.chunk().entries().get(i) instanceof KeyEntry.Valid valid) {
                answers.merge(
                        valid.key(),
                        enriched.outcomes().get(i),
                        (one, other) -> one.askedAt() > other.askedAt() ? one : other);
            }
        }
        pause(random.nextInt(30));
        Map<String, Integer> earlier = Map.copyOf(stored);
        store.commit(enriched);
        for (String row : test.rows("SELECT contact_id || ' ' || last_name FROM contact")) {
            String[] idAndName = row.split(" ");
            int now = number(idAndName[1]);
            assertThat(now)
                    .as("stored of %s", idAndName[0])
                    .isGreaterThanOrEqualTo(earlier.getOrDefault(idAndName[0], 0));
            stored.merge(idAndName[0], now, Math::max);
        }
    }

    private void step(ShippedRoutes routes, Random random) throws Exception {
        int number = random.nextInt(CONTACTS);
        switch (random.nextInt(3)) {
            case 0 -> {
                // The message is sent once JTL has the change.
                int change = version.incrementAndGet();
                told.merge(contact(number), change, Math::max);
                String id = "m" + chunks.incrementAndGet();
                enrichAndCommit(routes, new MessageChunk("queue", List.of(entry(number)), List.of(id)), random);
            }
            case 1 ->
                enrichAndCommit(
                        routes,
                        new RunChunk(run, chunks.incrementAndGet(), List.of(entry(0), entry(number)), 0),
                        random);
            default -> {
                List<KeyEntry> listed = new CustomerPager(routes.calls)
                        .page(run, ChunkFixture.TENANT, 1, 0, 0, null, null).entries().stream()
                                .map(this::inItsPlace)
                                .toList();
                pause(random.nextInt(6));
                enrichAndCommit(routes, new RunChunk(run, chunks.incrementAndGet(), listed, 0), random);
            }
        }
    }

    @Test
    @Tag("slow")
    void the_newest_answer_wins_in_database_dead_letters_and_sink_whatever_the_order() throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool();
        HttpServer jtl = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
        jtl.setExecutor(threads);
        jtl.createContext("/", this::answer);
        jtl.start();
        URI base = URI.create("http://127.0.0.1:" + jtl.getAddress().getPort());
        AtomicLong clock = new AtomicLong();
        try (ShippedRoutes routes = ShippedRoutes.before(base.resolve("/erp"), base.resolve("/token"))
                .concurrency(3)
                .callClock(clock::incrementAndGet)
                .start()) {
            List<Future<?>> all = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                Random random = new Random(thread);
                all.add(threads.submit(() -> {
                    for (int i = 0; i < STEPS; i++) {
                        step(routes, random);
                    }
                    return null;
                }));
            }
            ConcurrentHashMap<ContactKey, Integer> sink = new ConcurrentHashMap<>();
            for (Future<?> each : all) {
                each.get(40, TimeUnit.SECONDS);
                deliver(sink);
            }
            deliver(sink);

            answers.forEach((key, answer) -> {
                String of = " WHERE contact_id = '" + key.contactId() + "'";
                List<String> open = test.rows("SELECT DISTINCT reason FROM dead_letter" + of + " AND state = 'open'");
                if (answer instanceof Outcome.Found found) {
                    int last = number(found.contact().lastName());
                    assertThat(last).as("told of %s", key).isGreaterThanOrEqualTo(told.getOrDefault(key, 0));
                    assertThat(test.rows("SELECT last_name FROM contact" + of)).containsExactly("v" + last);
                    assertThat(sink.get(key)).as("what the sink has of %s", key).isEqualTo(last);
                    assertThat(open).as("dead letters of %s", key).isEmpty();
                } else {
                    assertThat(open).as("dead letters of %s", key).containsExactly("not-found");
                }
            });
        } finally {
            jtl.stop(0);
            threads.shutdownNow();
        }
    }

    private void deliver(Map<ContactKey, Integer> sink) {
        DeliveryBatch batch;
        while ((batch = claim(10)) != null && !batch.deliveries().isEmpty()) {
            batch.deliveries()
                    .forEach(delivery ->
                            sink.put(delivery.key(), number(delivery.contact().lastName())));
            recordResults(
                    batch,
                    batch.deliveries().stream().map(delivery -> accepted("r")).toArray(DeliveryResult[]::new));
        }
    }

    private static int number(String lastName) {
        return Integer.parseInt(lastName.substring(1));
    }
}
