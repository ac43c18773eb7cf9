package de.contactsync.routes;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.CapturedLog;
import de.contactsync.http.Network;
import de.contactsync.http.TlsServer;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import de.contactsync.outbox.Channel;
import de.contactsync.persistence.ChunkFixture;
import de.contactsync.persistence.ChunkStore;
import de.contactsync.persistence.Database;
import de.contactsync.persistence.RunLease;
import de.contactsync.persistence.RunStore;
import de.contactsync.persistence.SettableClock;
import de.contactsync.persistence.TestDatabase;
import de.contactsync.resilience.Breaker;
import de.contactsync.resilience.Outage;
import de.contactsync.resilience.TestBreakers;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.HttpsURLConnection;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the route dead-letter is given, and what becomes of a letter that it fails on. */
class DeadLetterRouteTest {

    private static final Duration LONG = Duration.ofMinutes(10);

    @Nested
    class Dead_letter extends ShippedRouteTest {

        Dead_letter() {
            super("dead-letter");
        }

        @Test
        void the_shipped_route_takes_a_letter_and_does_nothing() {
            Exchange exchange = template.send(START, each -> each.getMessage().setBody(Map.of("id", 1)));

            assertThat(exchange.getException()).isNull();
        }
    }

    private static final SettableClock CLOCK = new SettableClock("2026-03-01T10:00:00.250Z");

    private final TestDatabase test = TestDatabase.create(TestDatabase.Kind.SQLITE);
    private final Breaker breaker = TestBreakers.create().forSink("the route");
    private final List<Object> taken = new ArrayList<>();
    private Database database;
    private RunStore runs;
    private ChunkStore store;
    private long run;
    private int chunk;

    @BeforeEach
    void open() {
        database = test.open();
        runs = test.closing(new RunStore(database, CLOCK));
        runs.passDeadLettersTo(DeadLetterBody.CHANNEL);
        store = new ChunkStore(database, runs, CLOCK);
        run = ((RunLease.Granted) runs.claim("file", "keys.csv", "hash", 500))
                .run()
                .id();
    }

    @AfterEach
    void close() throws Exception {
        test.close();
    }

    private void fail(int number) {
        store.commit(ChunkFixture.failed(
                run,
                chunk++,
                new KeyEntry.Valid(number, ChunkFixture.key(number)),
                new Outcome.Failed(Reason.REJECTED, 400, "E17", "Eva Meier is locked", null, 1)));
    }

    private Channel<Map<String, Object>> channel(boolean withKey) {
        return new Channel<>(database, runs, CLOCK, "dead_letter", DeadLetterBody.CHANNEL, new DeadLetterBody(withKey));
    }

    @Test
    void the_map_holds_what_failed_and_no_contact_data() {
        fail(7);

        Map<String, Object> letter =
                channel(false).claim(10, Duration.ZERO).entries().get(0).event();

        assertThat(letter)
                .containsEntry("source", "file")
                .containsEntry("runId", run)
                .containsEntry("stage", "jtl")
                .containsEntry("reason", "rejected")
                .containsEntry("httpStatus", 400)
                .containsEntry("errorCode", "E17")
                .containsEntry("tenantId", ChunkFixture.TENANT.toString())
                .doesNotContainKeys("customerId", "contactId", "rawKey", "errorMessage");
        assertThat(letter.toString())
                .doesNotContain("Meier", ChunkFixture.key(7).contactId().toString());
    }

    @Test
    void with_key_it_names_the_contact_and_quotes_the_answer() {
        fail(7);

        assertThat(channel(true).claim(10, Duration.ZERO).entries().get(0).event())
                .containsEntry("contactId", ChunkFixture.key(7).contactId().toString())
                .containsEntry("errorMessage", "Eva Meier is locked");
    }

    private static LimitedReceiver limited(ChannelRoute.Receiver receiver) {
        return new LimitedReceiver("the route", receiver, Duration.ofSeconds(30));
    }

    /** Each letter was tried for itself, twenty of them before there was a rest, and as in an outage. */
    @Test
    void a_receiver_whose_certificate_is_not_accepted_rests_at_once() throws Exception {
        fail(1);
        fail(2);
        Channel<Map<String, Object>> channel = channel(false);
        try (TlsServer server = TlsServer.start("server")) {
            ChannelRoute route = new ChannelRoute(
                    "the webhook",
                    channel,
                    breaker,
                    limited(letter -> {
                        taken.add(letter);
                        HttpsURLConnection call =
                                (HttpsURLConnection) server.url().toURL().openConnection();
                        call.setSSLSocketFactory(Network.DIRECT.socketFactory());
                        call.connect();
                    }),
                    new RouteFailures(),
                    ChannelRoute.Grouping.NONE,
                    LONG);
            route.pass(channel.claim(10, Duration.ZERO));
        }
        assertThat(taken).hasSize(1);
        assertThat(channel.pending()).isEqualTo(2);
        assertThat(breaker.outage()).hasValueSatisfying(outage -> {
            assertThat(outage.kind()).isEqualTo(Outage.Kind.UNTRUSTED);
            assertThat(outage.reason()).contains("CN=Example Company CA", "contacts.trust-store");
        });
    }

    /** Once, a letter that a route could not handle would have come again and again, in front of all others. */
    @Test
    void one_letter_that_the_route_always_fails_on_stops_no_other_and_is_given_up() {
        for (int number = 1; number <= 6; number++) {
            fail(number);
        }
        Channel<Map<String, Object>> channel = channel(false);
        ChannelRoute route = new ChannelRoute(
                "the route",
                channel,
                breaker,
                limited(letter -> {
                    if (letter.get("position").equals("1")) {
                        throw new IllegalStateException("no such room");
                    }
                    taken.add(letter.get("position"));
                }),
                new RouteFailures(),
                ChannelRoute.Grouping.NONE,
                LONG);

        for (int round = 0; round < 6; round++) {
            route.pass(channel.claim(2, Duration.ZERO));
        }
        assertThat(taken).hasSize(5).doesNotHaveDuplicates();
        assertThat(channel.pending()).isZero();
        assertThat(channel.counts()).isEqualTo(new Channel.Counts(5, 1));
    }

    @Test
    void while_the_route_fails_on_everything_all_letters_stay() {
        for (int number = 1; number <= 30; number++) {
            fail(number);
        }
        Channel<Map<String, Object>> channel = channel(false);
        List<Object> tried = new ArrayList<>();
        ChannelRoute route = new ChannelRoute(
                "the route",
                channel,
                breaker,
                limited(letter -> {
                    tried.add(letter.get("position"));
                    throw new IllegalStateException("the server is down");
                }),
                new RouteFailures(),
                ChannelRoute.Grouping.NONE,
                LONG);

        route.pass(channel.claim(100, Duration.ZERO));

        assertThat(tried).as("then the breaker rests it").hasSizeLessThan(30);
        assertThat(channel.pending()).isEqualTo(30);
    }

    /** Once, twenty tries of 20 s each had to fail before anybody was notified. */
    @Test
    void a_receiver_that_hangs_rests_at_once_and_the_outage_says_why() throws Exception {
        fail(1);
        Channel<Map<String, Object>> channel = channel(false);
        LimitedReceiver stuck =
                new LimitedReceiver("stuck", letter -> new CountDownLatch(1).await(), Duration.ofMillis(50));
        ChannelRoute route = new ChannelRoute(
                "The channel x", channel, breaker, stuck, new RouteFailures(), ChannelRoute.Grouping.NONE, LONG);

        route.pass(channel.claim(100, Duration.ZERO));

        assertThat(breaker.outage().orElseThrow().reason())
                .isEqualTo("The channel x has not ended within 50 ms: see contacts.route-timeout");
        assertThat(channel.pending()).isEqualTo(1);
    }

    @Test
    @Tag("slow")
    void stopping_gives_a_receiver_that_hangs_a_few_seconds_and_keeps_the_letter() throws Exception {
        fail(1);
        Channel<Map<String, Object>> channel = channel(false);
        CountDownLatch begun = new CountDownLatch(1);
        LimitedReceiver stuck = new LimitedReceiver(
                "stuck",
                letter -> {
                    begun.countDown();
                    new CountDownLatch(1).await();
                },
                LONG);
        ChannelRoute route = new ChannelRoute(
                "The channel x", channel, breaker, stuck, new RouteFailures(), ChannelRoute.Grouping.NONE, LONG);
        CompletableFuture<Void> passing =
                CompletableFuture.runAsync(() -> route.pass(channel.claim(100, Duration.ZERO)));
        begun.await();

        route.close();

        passing.get(20, TimeUnit.SECONDS);
        assertThat(channel.pending()).isEqualTo(1);
        assertThat(breaker.outage()).isEmpty();
    }

    /** Once, the class of the exception was all that was known of why a channel failed. */
    @Test
    void a_failure_is_logged_once_a_minute_with_its_cause_and_no_contact_data() {
        for (int number = 1; number <= 5; number++) {
            fail(number);
        }
        Channel<Map<String, Object>> channel = channel(true);
        String contact = ChunkFixture.key(1).contactId().toString();
        ChannelRoute route = new ChannelRoute(
                "The channel x",
                channel,
                breaker,
                limited(letter -> {
                    throw new IOException("no room " + contact + " at https://u:p@chat.example.com/hook/secret (full)");
                }),
                new RouteFailures(),
                ChannelRoute.Grouping.NONE,
                LONG);

        try (CapturedLog log = new CapturedLog(RouteFailures.class.getName())) {
            route.pass(channel.claim(1, Duration.ZERO));
            route.pass(channel.claim(100, Duration.ZERO));

            assertThat(log.lines())
                    .containsExactly("WARN The channel x fails: IOException: no room … at https://chat.example.com/…"
                            + " (full)");
        }
    }
}
