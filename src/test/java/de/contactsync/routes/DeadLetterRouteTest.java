package de.contactsync.routes;

import static org.assertj.core.api.Assertions.assertThat;

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
import de.contactsync.resilience.TestBreakers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What the route dead-letter is given, and what becomes of a letter that it fails on. */
class DeadLetterRouteTest {

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
    void the_map_tells_what_failed_and_not_whom_it_is_about() {
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
    void with_key_it_names_the_contact_and_quotes_what_was_said() {
        fail(7);

        assertThat(channel(true).claim(10, Duration.ZERO).entries().get(0).event())
                .containsEntry("contactId", ChunkFixture.key(7).contactId().toString())
                .containsEntry("errorMessage", "Eva Meier is locked");
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
                letter -> {
                    if (letter.get("position").equals("1")) {
                        throw new IllegalStateException("no such room");
                    }
                    taken.add(letter.get("position"));
                },
                ChannelRoute.Grouping.NONE,
                Duration.ofMinutes(10));

        for (int round = 0; round < 6; round++) {
            route.pass(channel.claim(2, Duration.ZERO));
        }
        assertThat(taken).hasSize(5).doesNotHaveDuplicates();
        assertThat(channel.pending()).isZero();
        assertThat(channel.tally()).isEqualTo(new Channel.Tally(5, 1));
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
                letter -> {
                    tried.add(letter.get("position"));
                    throw new IllegalStateException("the server is down");
                },
                ChannelRoute.Grouping.NONE,
                Duration.ofMinutes(10));

        route.pass(channel.claim(100, Duration.ZERO));

        assertThat(tried).as("then the breaker rests it").hasSizeLessThan(30);
        assertThat(channel.pending()).isEqualTo(30);
    }
}
