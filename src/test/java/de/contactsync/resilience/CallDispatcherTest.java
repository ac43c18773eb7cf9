package de.contactsync.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import de.contactsync.model.ProcessingHaltedException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class CallDispatcherTest {

    private final ExecutorService threads = Executors.newFixedThreadPool(2);

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    /** Once, the calls of a halted chunk each took a slot of the quota, and the next chunk waited behind them. */
    @Test
    @Tag("slow")
    void calls_nobody_waits_for_any_more_cost_nothing_of_the_quota() throws Exception {
        RateLimitedQueue queue = lane(new QuotaHeaders(1, Duration.ofSeconds(1), 0));
        CallDispatcher dispatcher = new CallDispatcher(threads, 2);
        CountDownLatch live = new CountDownLatch(1);
        AtomicInteger dead = new AtomicInteger();

        for (int i = 0; i < 1_000; i++) {
            dispatcher.submit(queue, new CallDispatcher.Call() {
                @Override
                public boolean isOver() {
                    return true;
                }

                @Override
                public void run() {
                    dead.incrementAndGet();
                }

                @Override
                public void abandon(ProcessingHaltedException reason) {
                    dead.incrementAndGet();
                }
            });
        }
        dispatcher.submit(queue, call(live::countDown));

        assertThat(live.await(10, TimeUnit.SECONDS)).as("the live call started").isTrue();
        assertThat(dead).hasValue(0);
    }

    @Test
    void a_call_that_fails_costs_the_next_one_nothing() {
        CallDispatcher dispatcher = new CallDispatcher(threads, 1);
        RateLimitedQueue queue = lane(null);
        AtomicInteger ran = new AtomicInteger();

        for (int i = 0; i < 10; i++) {
            dispatcher.submit(queue, call(() -> {
                ran.incrementAndGet();
                throw new IllegalStateException("on purpose");
            }));
        }

        await().atMost(Duration.ofSeconds(10)).until(() -> ran.get() == 10);
    }

    @Test
    void a_queue_that_waits_does_not_block_others() throws Exception {
        CallDispatcher dispatcher = new CallDispatcher(threads, 1);
        RateLimitedQueue slow = lane(new QuotaHeaders(1, Duration.ofHours(1), 0));
        CountDownLatch others = new CountDownLatch(100);

        dispatcher.submit(slow, call(() -> {}));
        for (int i = 0; i < 100; i++) {
            dispatcher.submit(lane(null), call(others::countDown));
        }

        assertThat(others.await(10, TimeUnit.SECONDS)).isTrue();
    }

    /** Once a tenant whose JTL accepted calls and never answered took every thread until they timed out. */
    @Test
    void a_tenant_whose_calls_hang_leaves_half_of_the_threads_to_others() throws Exception {
        CallDispatcher dispatcher = new CallDispatcher(threads, 2);
        CountDownLatch end = new CountDownLatch(1);
        CountDownLatch hanging = new CountDownLatch(1);
        CountDownLatch others = new CountDownLatch(40);
        RateLimitedQueue healthy = lane(null);
        CountDownLatch submitted = new CountDownLatch(1);
        dispatcher.submit(healthy, call(() -> {
            awaitEnd(hanging);
            // Else the other tenant might be alone for a moment, and have all threads by right.
            awaitEnd(submitted);
            others.countDown();
        }));
        RateLimitedQueue hung = lane(null);
        for (int i = 0; i < 10; i++) {
            dispatcher.submit(hung, call(() -> {
                hanging.countDown();
                awaitEnd(end);
            }));
        }
        for (int i = 0; i < 39; i++) {
            dispatcher.submit(healthy, call(others::countDown));
        }
        submitted.countDown();

        assertThat(others.await(10, TimeUnit.SECONDS)).isTrue();
        end.countDown();
    }

    /** Once, a single row of a second tenant halved the concurrency of the first until the next start. */
    @Test
    void a_tenant_that_is_alone_again_has_all_threads() throws Exception {
        CallDispatcher dispatcher = new CallDispatcher(threads, 2);
        CountDownLatch other = new CountDownLatch(1);
        dispatcher.submit(lane(null), call(other::countDown));
        assertThat(other.await(10, TimeUnit.SECONDS)).isTrue();

        CountDownLatch end = new CountDownLatch(1);
        CountDownLatch both = new CountDownLatch(2);
        RateLimitedQueue queue = lane(null);
        for (int i = 0; i < 2; i++) {
            dispatcher.submit(queue, call(() -> {
                both.countDown();
                awaitEnd(end);
            }));
        }

        assertThat(both.await(10, TimeUnit.SECONDS)).isTrue();
        end.countDown();
    }

    /** Once, half of the threads stayed idle behind a lone call of another tenant, until some other call was submitted. */
    @Test
    void the_end_of_anothers_last_call_gives_a_tenant_all_threads_at_once() throws Exception {
        ExecutorService four = Executors.newFixedThreadPool(4);
        CallDispatcher dispatcher = new CallDispatcher(four, 4);
        CountDownLatch lone = new CountDownLatch(1);
        CountDownLatch together = new CountDownLatch(4);
        dispatcher.submit(lane(null), call(() -> awaitEnd(lone)));
        RateLimitedQueue queue = lane(null);
        for (int i = 0; i < 10; i++) {
            dispatcher.submit(queue, call(() -> {
                together.countDown();
                awaitEnd(together);
            }));
        }
        await().until(() -> together.getCount() == 2);

        lone.countDown();
        assertThat(together.await(10, TimeUnit.SECONDS)).isTrue();
        four.shutdownNow();
    }

    /** Once, a call that hung kept half of the threads from all others. */
    @Test
    void a_tenant_whose_calls_end_has_all_threads_that_no_other_waits_for() throws Exception {
        ExecutorService four = Executors.newFixedThreadPool(4);
        CallDispatcher dispatcher = new CallDispatcher(four, 4);
        CountDownLatch lone = new CountDownLatch(1);
        CountDownLatch together = new CountDownLatch(3);
        dispatcher.submit(lane(null), call(() -> awaitEnd(lone)));
        RateLimitedQueue queue = lane(null);
        dispatcher.submit(queue, call(() -> {}));
        for (int i = 0; i < 10; i++) {
            dispatcher.submit(queue, call(() -> {
                together.countDown();
                awaitEnd(together);
            }));
        }

        assertThat(together.await(10, TimeUnit.SECONDS)).isTrue();
        lone.countDown();
        four.shutdownNow();
    }

    /** Once, each start looked at the queues of all tenants, and ten thousand of them took the processor for itself. */
    @Test
    void choosing_the_next_call_does_not_look_at_all_queues() throws Exception {
        CallDispatcher dispatcher = new CallDispatcher(threads, 2);
        AtomicInteger looks = new AtomicInteger();
        for (int i = 0; i < 10_000; i++) {
            RateLimitedQueue waiting = lane(new QuotaHeaders(1, Duration.ofHours(1), 0));
            dispatcher.submit(waiting, new CallDispatcher.Call() {
                @Override
                public boolean isOver() {
                    looks.incrementAndGet();
                    return false;
                }

                @Override
                public void run() {}

                @Override
                public void abandon(ProcessingHaltedException reason) {}
            });
        }
        CountDownLatch passed = new CountDownLatch(1_000);
        RateLimitedQueue free = lane(null);
        for (int i = 0; i < 1_000; i++) {
            dispatcher.submit(free, call(passed::countDown));
        }

        assertThat(passed.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(looks).hasValueLessThan(25_000);
    }

    /** Else the calls behind a probe would wait until somebody happens to look. */
    @Test
    void the_end_of_a_probe_wakes_what_waits_for_it() throws Exception {
        Breaker breaker = TestBreakers.create().forTenant("JTL");
        AdaptiveRateLimiter limiter = new AdaptiveRateLimiter(0, true);
        limiter.start(System.nanoTime());
        limiter.passed(System.nanoTime(), System.nanoTime(), null);
        RateLimitedQueue queue = new RateLimitedQueue(limiter, breaker, null, new Bulkhead());
        CallDispatcher dispatcher = new CallDispatcher(threads, 2);
        breaker.openFor(breaker.now(), Duration.ofMillis(1), "on purpose");
        await().until(() -> !breaker.isHeld());
        CountDownLatch passed = new CountDownLatch(50);

        for (int i = 0; i < 50; i++) {
            dispatcher.submit(queue, call(() -> {
                breaker.recordSuccess();
                passed.countDown();
            }));
        }

        assertThat(passed.await(10, TimeUnit.SECONDS)).isTrue();
    }

    private static void awaitEnd(CountDownLatch end) {
        try {
            assertThat(end.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A lane whose first call is answered. */
    private static RateLimitedQueue lane(QuotaHeaders quota) {
        AdaptiveRateLimiter limiter = new AdaptiveRateLimiter(0, true);
        long now = System.nanoTime();
        limiter.start(now);
        limiter.passed(now, now, quota);
        return new RateLimitedQueue(limiter, TestBreakers.create().forTenant("JTL"), null, new Bulkhead());
    }

    private static CallDispatcher.Call call(Runnable work) {
        return new CallDispatcher.Call() {
            @Override
            public void run() {
                work.run();
            }

            @Override
            public void abandon(ProcessingHaltedException reason) {
                throw new AssertionError("given up");
            }
        };
    }
}
