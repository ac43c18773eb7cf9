package de.contactsync.messaging.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.atlassian.oai.validator.OpenApiInteractionValidator;
import com.atlassian.oai.validator.model.Request;
import com.atlassian.oai.validator.model.SimpleResponse;
import de.contactsync.FreePort;
import de.contactsync.messaging.ConsumerLifecycle;
import de.contactsync.model.EnrichedChunk;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.Outcome;
import de.contactsync.model.TenantNames;
import de.contactsync.persistence.ChunkFixture;
import de.contactsync.persistence.ChunkStore;
import de.contactsync.persistence.Database;
import de.contactsync.persistence.RunStore;
import de.contactsync.persistence.TestDatabase;
import de.contactsync.resilience.TestBreakers;
import de.contactsync.routes.RouteFailures;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A server that takes keys; each answer is as openapi.json has it. */
abstract class KeyHttpFixture {

    static final String TOKEN = "a-token-of-the-tests";
    /** A reading of the clock of calls. */
    private static final long ASKED_AT = 1_700_000_000_123_456L;

    static final UUID CUSTOMER = new UUID(1, 1);

    static final OpenApiInteractionValidator CONTRACT =
            OpenApiInteractionValidator.createFor("/openapi.json").build();

    final TestDatabase test = TestDatabase.create(TestDatabase.Kind.SQLITE);
    final ConsumerLifecycle lifecycle = new ConsumerLifecycle(TestBreakers.create());
    final HttpClient client = HttpClient.newHttpClient();
    ReceivedKeys keys;
    ChunkStore store;
    int port;

    @BeforeEach
    void start() throws Exception {
        Database database = test.open();
        RunStore runs = test.closing(new RunStore(database, Clock.systemUTC()));
        keys = new ReceivedKeys(database, runs, Clock.systemUTC());
        store = new ChunkStore(database, runs, Clock.systemUTC());
        start(1_000);
    }

    void start(int rate) throws Exception {
        test.closing(listen(rate, System::nanoTime));
    }

    /** To be closed by the test. */
    KeyHttpServer listen(int rate, LongSupplier nanoTime) throws Exception {
        port = FreePort.next();
        return new KeyHttpServer(
                        new HttpSourceSettings("127.0.0.1", port, TOKEN, rate),
                        keys,
                        TenantNames.only(ChunkFixture.TENANT),
                        lifecycle,
                        new RouteFailures(),
                        nanoTime)
                .start();
    }

    @AfterEach
    void close() throws Exception {
        test.close();
    }

    static String key(int number) {
        return "{\"customerId\":\"" + CUSTOMER + "\",\"contactId\":\"" + new UUID(2, number) + "\"}";
    }

    HttpRequest.Builder request(String query) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/contact-keys" + query))
                .header("Authorization", "Bearer " + TOKEN)
                .header("Content-Type", "application/json");
    }

    HttpResponse<String> send(HttpRequest request) throws Exception {
        HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
        SimpleResponse.Builder answer = SimpleResponse.Builder.status(response.statusCode());
        response.headers().map().forEach((name, values) -> answer.withHeader(name, values));
        if (response.request().method().equals("POST")) {
            assertThat(CONTRACT.validateResponse(
                                    "/contact-keys",
                                    Request.Method.POST,
                                    answer.withBody(response.body()).build())
                            .getMessages())
                    .as(response.statusCode() + " " + response.body())
                    .isEmpty();
        }
        return response;
    }

    HttpResponse<String> post(String query, String body) throws Exception {
        return send(request(query).POST(BodyPublishers.ofString(body)).build());
    }

    /** As the route source-http does it: what is found is stored, the others are dead letters. */
    int work() {
        List<Long> done = new ArrayList<>();
        for (ReceivedBatch batch : keys.claim(100)) {
            List<Outcome> outcomes = new ArrayList<>();
            for (KeyEntry entry : batch.chunk().entries()) {
                outcomes.add(
                        entry instanceof KeyEntry.Invalid invalid
                                ? new Outcome.Failed(invalid.reason(), null, null, invalid.problem(), null, 0)
                                : new Outcome.Found(ChunkFixture.named("Meier"), ASKED_AT));
            }
            EnrichedChunk enriched = store.commit(new EnrichedChunk(batch.chunk(), outcomes));
            keys.done(batch, enriched);
            done.addAll(batch.ids());
        }
        keys.record(done);
        return done.size();
    }
}
