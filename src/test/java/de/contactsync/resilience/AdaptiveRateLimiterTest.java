package de.contactsync.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The rate limiter against models of servers, in virtual time: callers who always have something to ask, seeded
 * latencies.
 */
class AdaptiveRateLimiterTest {

    private static final long SECOND = 1_000_000_000L;
    private static final long MILLISECOND = 1_000_000L;
    private static final int CALLERS = 32;

    enum Window {
        FIXED,
        SLIDING,
        BUCKET
    }

    @ParameterizedTest
    @EnumSource(Window.class)
    void the_quota_is_used_up_and_never_exceeded(Window window) {
        World world = new World(new Server(window, 60, 10 * SECOND, true), 0);

        world.run(10 * SECOND);
        world.forgetCounts();
        world.run(100 * SECOND);

        assertThat(world.refused).as("429 answers").isZero();
        assertThat(world.passed).as("calls in ten windows of 60").isBetween(582, 605);
    }

    @Test
    void quota_usage_is_what_jtl_said_last_and_our_own_count_after_an_interval() {
        AdaptiveRateLimiter limiter = new AdaptiveRateLimiter(0, true);
        assertThat(limiter.quota(0)).as("before the first answer").isNull();

        limiter.start(0);
        limiter.passed(0, SECOND, new QuotaHeaders(60, Duration.ofSeconds(10), 45));
        assertThat(limiter.quota(2 * SECOND)).as("others call too").isEqualTo(new QuotaUsage(60, 15));
        assertThat(limiter.quota(2 * SECOND).remaining()).isEqualTo(45);
        assertThat(limiter.quota(2 * SECOND).usedShare()).isEqualTo(0.25);
        assertThat(limiter.quota(30 * SECOND)).as("long after").isEqualTo(new QuotaUsage(60, 0));

        AdaptiveRateLimiter blind = new AdaptiveRateLimiter(0, true);
        blind.start(0);
        blind.passed(0, MILLISECOND, new QuotaHeaders(60, Duration.ofSeconds(10), -1));
        assertThat(blind.quota(SECOND)).as("JTL does not say what remains").isEqualTo(new QuotaUsage(60, 1));
    }

    @ParameterizedTest
    @EnumSource(Window.class)
    void there_is_no_refusal_from_the_very_first_call_on(Window window) {
        World world = new World(new Server(window, 60, 10 * SECOND, true), 0);

        world.run(60 * SECOND);

        assertThat(world.refused).isZero();
    }

    @ParameterizedTest
    @EnumSource(Window.class)
    void a_lowered_limit_costs_at_most_one_refusal_and_is_followed_within_a_window(Window window) {
        Server server = new Server(window, 60, 10 * SECOND, true);
        World world = new World(server, 0);
        world.run(33 * SECOND);

        server.limit = 20;
        world.forgetCounts();
        world.run(20 * SECOND);
        assertThat(world.refused).isLessThanOrEqualTo(1);

        world.forgetCounts();
        world.run(100 * SECOND);
        assertThat(world.refused).isZero();
        assertThat(world.passed).isBetween(194, 205);
    }

    @ParameterizedTest
    @EnumSource(Window.class)
    void a_raised_limit_is_used_within_a_window(Window window) {
        Server server = new Server(window, 20, 10 * SECOND, true);
        World world = new World(server, 0);
        world.run(33 * SECOND);

        server.limit = 60;
        world.run(10 * SECOND);
        world.forgetCounts();
        world.run(100 * SECOND);

        assertThat(world.refused).isZero();
        assertThat(world.passed).isBetween(582, 605);
    }

    @Test
    void the_view_shows_the_quota_and_whether_calls_wait_for_it() {
        World world = new World(new Server(Window.FIXED, 60, 10 * SECOND, true), 0.5);
        assertThat(world.limiter.view(world.now, 1))
                .as("while nothing is known")
                .isNull();

        world.run(15 * SECOND);

        QuotaView view = world.limiter.view(world.now, 3);
        assertThat(view.limit()).isEqualTo(60);
        assertThat(view.interval()).isEqualTo(Duration.ofSeconds(10));
        assertThat(view.callsPerSecond()).as("half of it is left to others").isBetween(2.9, 3.0);
        assertThat(view.recordsPerSecond()).isEqualTo(3 * view.callsPerSecond());
        assertThat(view.limiting()).isTrue();
        assertThat(world.limiter.view(world.now + 5 * SECOND, 1).limiting())
                .as("long after the last wait")
                .isFalse();
    }

    @Test
    void a_quota_that_nobody_comes_near_is_not_limiting() {
        AdaptiveRateLimiter limiter = new AdaptiveRateLimiter(0, true);
        for (long now = SECOND; now < 20 * SECOND; now += SECOND) {
            assertThat(limiter.start(now)).isZero();
            limiter.passed(now, now + MILLISECOND, new QuotaHeaders(60, Duration.ofSeconds(10), 50));
        }
        assertThat(limiter.view(20 * SECOND, 1).limiting()).isFalse();
    }

    @ParameterizedTest
    @EnumSource(Window.class)
    void calls_of_other_apps_cost_at_most_one_refusal_a_window(Window window) {
        Server server = new Server(window, 60, 10 * SECOND, true);
        World world = new World(server, 0);
        world.run(20 * SECOND);
        world.forgetCounts();

        for (int i = 0; i < 60; i++) {
            server.call(world.now);
            world.run(SECOND);
        }

        assertThat(world.refused).as("429 answers in six windows").isLessThanOrEqualTo(6);
        assertThat(world.passed).as("calls in six windows of 60 less 10").isGreaterThan(240);
    }

    @Test
    void a_process_that_starts_into_a_used_window_does_not_overrun_it() {
        Server server = new Server(Window.SLIDING, 60, 10 * SECOND, true);
        for (int i = 0; i < 55; i++) {
            server.call(i * MILLISECOND);
        }
        World world = new World(server, 0);
        world.now = 100 * MILLISECOND;

        world.run(60 * SECOND);

        assertThat(world.refused).isZero();
    }

    @Test
    void the_reserve_stays_unused() {
        World world = new World(new Server(Window.SLIDING, 60, 10 * SECOND, true), 0.25);

        world.run(10 * SECOND);
        world.forgetCounts();
        world.run(100 * SECOND);

        assertThat(world.passed).isBetween(435, 455);
    }

    @ParameterizedTest
    @EnumSource(Window.class)
    void without_headers_the_quota_is_learned_from_refusals(Window window) {
        World world = new World(new Server(window, 60, 10 * SECOND, false), 0);
        world.run(60 * SECOND);
        world.forgetCounts();

        world.run(200 * SECOND);

        assertThat(world.refusedShare()).as("share of 429 answers once learned").isLessThanOrEqualTo(0.02);
        assertThat(world.passed).as("of twenty windows of 60").isBetween(1_080, 1_210);
    }

    /** Once, what was learned from one refusal was the pace for the life of the process. */
    @ParameterizedTest
    @EnumSource(Window.class)
    void without_headers_a_raised_limit_is_found_again_within_three_windows(Window window) {
        Server server = new Server(window, 60, 10 * SECOND, false);
        World world = new World(server, 0);
        world.run(100 * SECOND);
        server.limit = 20;
        world.run(60 * SECOND);
        world.forgetCounts();
        world.run(100 * SECOND);
        assertThat(world.passed).as("of ten windows of 20").isBetween(180, 205);

        server.limit = 60;
        world.run(30 * SECOND);
        world.forgetCounts();
        world.run(30 * SECOND);

        assertThat(world.passed).as("of three windows of 60").isGreaterThanOrEqualTo(162);
    }

    /** Once, 900 keys were not done after 550 seconds. */
    @ParameterizedTest
    @EnumSource(Window.class)
    void without_headers_a_tenfold_limit_is_used_soon(Window window) {
        Server server = new Server(window, 20, 10 * SECOND, false);
        World world = new World(server, 0);
        world.run(30 * SECOND);

        server.limit = 600;
        world.run(70 * SECOND);

        assertThat(world.passed).isGreaterThan(900);
    }

    @Test
    void a_refusal_now_and_then_of_a_server_without_a_limit_hardly_slows_calls() {
        World world = new World(call -> call % 500 == 0, null);
        world.run(10 * SECOND);
        world.forgetCounts();

        world.run(60 * SECOND);

        assertThat(world.passed).as("of about 640 calls a second").isGreaterThan(60 * 540);
    }

    @Test
    void one_refusal_of_a_server_without_a_limit_is_forgotten_within_seconds() {
        World world = new World(call -> call == 50, null);
        world.run(10 * SECOND);
        world.forgetCounts();

        world.run(10 * SECOND);

        assertThat(world.passed).as("32 callers, 50 ms a call").isGreaterThan(5_000);
    }

    @Test
    void a_wait_that_the_server_imposes_on_the_first_call_is_no_quota() {
        World world = new World(call -> call == 1, Duration.ofSeconds(3));
        world.run(5 * SECOND);
        world.forgetCounts();

        world.run(10 * SECOND);

        assertThat(world.passed).isGreaterThan(5_000);
    }

    @Test
    void retry_after_is_what_everybody_waits() {
        AdaptiveRateLimiter limiter = new AdaptiveRateLimiter(0, true);
        assertThat(limiter.start(0)).isZero();

        assertThat(limiter.refused(0, 0, null, Duration.ofSeconds(7))).isEqualTo(Duration.ofSeconds(7));

        assertThat(limiter.start(SECOND)).isEqualTo(6 * SECOND);
        assertThat(limiter.start(7 * SECOND)).isZero();
    }

    @Test
    void without_a_quota_nobody_waits_once_the_first_answer_is_there() {
        AdaptiveRateLimiter limiter = new AdaptiveRateLimiter(0, true);
        assertThat(limiter.start(0)).isZero();
        assertThat(limiter.start(1)).isPositive();

        limiter.passed(0, 2, null);

        for (int i = 3; i < 1_000; i++) {
            assertThat(limiter.start(i)).isZero();
        }
    }

    /** Once, a probe that took its turn in another lane made the first answer here, and that was out of bounds. */
    @Test
    void whatever_comes_in_whatever_order_a_wait_is_given() {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            AdaptiveRateLimiter limiter = new AdaptiveRateLimiter(0, random.nextBoolean());
            long now = random.nextLong();
            for (int i = 0; i < 200; i++) {
                now += random.nextInt((int) SECOND);
                long began = now - random.nextInt((int) SECOND);
                QuotaHeaders headers = random.nextBoolean()
                        ? null
                        : new QuotaHeaders(
                                1 + random.nextInt(100),
                                Duration.ofMillis(1 + random.nextInt(20_000)),
                                random.nextInt(100) - 1);
                switch (random.nextInt(6)) {
                    case 0 -> limiter.passed(began, now, headers);
                    case 1 ->
                        limiter.refused(
                                began,
                                now,
                                headers,
                                random.nextBoolean() ? null : Duration.ofMillis(1 + random.nextInt(5_000)));
                    case 2 -> limiter.unanswered();
                    case 3 -> limiter.heldBack(now);
                    default ->
                        assertThat(limiter.start(now))
                                .as("seed %s, step %s", seed, i)
                                .isBetween(0L, 3_600 * SECOND);
                }
                limiter.quota(now);
                limiter.view(now, 1);
                limiter.shareable();
            }
        }
    }

    /** A server whose window starts anywhere. */
    private static final class Server {

        private final Window window;
        private final long interval;
        private final boolean headers;
        private final Deque<Long> log = new ArrayDeque<>();
        private int limit;
        private long windowBegan = -3 * SECOND;
        private int inWindow;
        private double tokens = Double.NaN;
        private long filledAt;

        Server(Window window, int limit, long interval, boolean headers) {
            this.window = window;
            this.limit = limit;
            this.interval = interval;
            this.headers = headers;
        }

        /** Remaining calls, or -1 for a 429. */
        int call(long now) {
            return switch (window) {
                case FIXED -> fixed(now);
                case SLIDING -> sliding(now);
                case BUCKET -> bucket(now);
            };
        }

        private int fixed(long now) {
            while (now - windowBegan >= interval) {
                windowBegan += interval;
                inWindow = 0;
            }
            return inWindow >= limit ? -1 : limit - ++inWindow;
        }

        private int sliding(long now) {
            while (!log.isEmpty() && now - log.peek() >= interval) {
                log.poll();
            }
            if (log.size() >= limit) {
                return -1;
            }
            log.add(now);
            return limit - log.size();
        }

        private int bucket(long now) {
            if (Double.isNaN(tokens)) {
                tokens = limit;
            }
            tokens = Math.min(limit, tokens + (double) (now - filledAt) * limit / interval);
            filledAt = now;
            if (tokens < 1) {
                return -1;
            }
            tokens--;
            return (int) tokens;
        }

        QuotaHeaders headers(int remaining) {
            return headers ? new QuotaHeaders(limit, Duration.ofNanos(interval), Math.max(0, remaining)) : null;
        }
    }

    /** Virtual time, with as many callers as the rate limiter lets go; each call takes 20 to 80 ms there and back. */
    private static final class World {

        private record Event(long time, Runnable what) {}

        private final Server server;
        private final AdaptiveRateLimiter limiter;
        private final Random random = new Random(42);
        private final PriorityQueue<Event> events = new PriorityQueue<>(Comparator.comparingLong(Event::time));
        private long now;
        private boolean asking;
        private int inFlight;
        private int passed;
        private int refused;

        private final IntPredicate refuses;
        private final Duration retryAfter;
        private int calls;

        World(Server server, double reserve) {
            this.server = server;
            this.limiter = new AdaptiveRateLimiter(reserve, true);
            this.refuses = null;
            this.retryAfter = null;
        }

        /** A server without headers that refuses certain calls, counted from 1. */
        World(IntPredicate refuses, Duration retryAfter) {
            this.server = new Server(Window.FIXED, 1, SECOND, false);
            this.limiter = new AdaptiveRateLimiter(0, true);
            this.refuses = refuses;
            this.retryAfter = retryAfter;
        }

        double refusedShare() {
            return (double) refused / (refused + passed);
        }

        void forgetCounts() {
            passed = 0;
            refused = 0;
        }

        void run(long duration) {
            long end = now + duration;
            if (!asking) {
                asking = true;
                events.add(new Event(now, this::ask));
            }
            while (events.peek().time <= end) {
                Event event = events.poll();
                now = event.time;
                event.what.run();
            }
            now = end;
        }

        private void ask() {
            if (inFlight == CALLERS) {
                events.add(new Event(now + MILLISECOND, this::ask));
                return;
            }
            long wait = limiter.start(now);
            if (wait > 0) {
                // Timers are late by up to two milliseconds.
                events.add(new Event(now + wait + random.nextInt((int) (2 * MILLISECOND)), this::ask));
                return;
            }
            inFlight++;
            long began = now;
            events.add(new Event(now + latency(), () -> arrive(began)));
            events.add(new Event(now, this::ask));
        }

        private void arrive(long began) {
            int remaining = refuses == null ? server.call(now) : refuses.test(++calls) ? -1 : 1;
            events.add(new Event(now + latency(), () -> answer(began, remaining)));
        }

        private void answer(long began, int remaining) {
            inFlight--;
            if (remaining < 0) {
                refused++;
                limiter.refused(began, now, server.headers(0), retryAfter);
            } else {
                passed++;
                limiter.passed(began, now, server.headers(remaining));
            }
        }

        private long latency() {
            return (10 + random.nextInt(30)) * MILLISECOND;
        }
    }
}
