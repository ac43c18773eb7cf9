package de.contactsync.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The pace towards servers that say nothing of their quota but 429, over a network with jitter. A model of fixed
 * windows that are a grid once passed all tests and failed at a server whose windows begin with the first call.
 */
class LearnedRateTest {

    private static final long SECOND = QuotaSimulation.SECOND;
    private static final int SEEDS = 4;
    private static final int[] CALLERS = {16, 64, 1};

    /** Once, with 20 calls in a window, 2.5 % were refused. */
    @ParameterizedTest
    @CsvSource({"20, 24, 0.02", "60, 4, 0.015", "600, 1, 0.015"})
    @Tag("slow")
    void once_learned_nine_tenths_of_the_quota_are_used_and_few_calls_refused(int limit, int seeds, double most) {
        for (SimulatedQuota.Kind kind : SimulatedQuota.Kind.values()) {
            for (SimulatedQuota.Retry retry : SimulatedQuota.Retry.values()) {
                double passed = 0;
                double refused = 0;
                for (int seed = 1; seed <= seeds; seed++) {
                    int callers = limit > 60 ? 64 : CALLERS[seed % 3];
                    QuotaSimulation world = new QuotaSimulation(kind, limit, retry, callers, seed);
                    world.run((60 + seed) * SECOND);
                    long from = world.now();
                    world.run(200 * SECOND);
                    passed += world.passed(from, world.now());
                    refused += world.refused(from, world.now());
                }
                assertThat(passed / (20.0 * limit * seeds))
                        .as("used of %s, Retry-After %s", kind, retry)
                        .isGreaterThan(0.9);
                assertThat(refused / (passed + refused))
                        .as("refused by %s, Retry-After %s", kind, retry)
                        .isLessThan(most);
            }
        }
    }

    /** Once, some rises were in use after 3.4 windows only, and most in the fourth to sixth. */
    @ParameterizedTest
    @EnumSource(SimulatedQuota.Kind.class)
    void a_raised_limit_is_used_within_three_windows(SimulatedQuota.Kind kind) {
        for (SimulatedQuota.Retry retry : SimulatedQuota.Retry.values()) {
            double used = 0;
            for (int seed = 1; seed <= SEEDS; seed++) {
                QuotaSimulation world = new QuotaSimulation(kind, 60, retry, CALLERS[seed % 3], seed);
                world.run(100 * SECOND);
                world.limit(20);
                world.run(90 * SECOND + seed * 17L * SECOND / 10 % (10 * SECOND));
                long rise = world.now();
                world.limit(60);
                world.run(80 * SECOND);
                double windows = world.windowsUntilPace(rise, 0.9);
                assertThat(windows).as("seed %s, Retry-After %s", seed, retry).isLessThanOrEqualTo(3);
                used += world.passed(rise + 30 * SECOND, rise + 60 * SECOND) / 180.0;
            }
            assertThat(used / SEEDS)
                    .as("used of the fourth to sixth window, Retry-After %s", retry)
                    .isGreaterThan(0.85);
        }
    }

    /** With headers it takes 44 s; once it took more than 80. */
    @ParameterizedTest
    @EnumSource(SimulatedQuota.Kind.class)
    @Tag("slow")
    void nine_hundred_calls_pass_soon_when_the_limit_rises_thirtyfold(SimulatedQuota.Kind kind) {
        double seconds = 0;
        for (int seed = 1; seed <= 4; seed++) {
            QuotaSimulation world = new QuotaSimulation(kind, 20, SimulatedQuota.Retry.ABSENT, 64, seed);
            world.run(30 * SECOND);
            world.limit(600);
            world.run(120 * SECOND);
            seconds += world.timeOfPass(900) / (double) SECOND;
        }
        assertThat(seconds / 4).isLessThan(66);
    }

    /** A first window that is seen only to its end is shorter than others; it was once taken for one of a second. */
    @ParameterizedTest
    @EnumSource(SimulatedQuota.Retry.class)
    void a_window_that_is_taken_for_too_short_is_mended(SimulatedQuota.Retry retry) {
        QuotaSimulation world = new QuotaSimulation(SimulatedQuota.Kind.FIXED_GRID, 20, retry, 16, 7);
        world.run(60 * SECOND);
        long from = world.now();
        world.run(200 * SECOND);

        assertThat(world.refused(from, world.now())).isLessThan(400 / 20);
    }

    /** At the start or later; once, it was taken for a window for good, and 40 % of the quota were used. */
    @ParameterizedTest
    @EnumSource(SimulatedQuota.Kind.class)
    void a_minute_in_which_all_is_refused_is_no_window(SimulatedQuota.Kind kind) {
        for (int seed = 1; seed <= 4; seed++) {
            QuotaSimulation world = new QuotaSimulation(kind, 60, SimulatedQuota.Retry.ABSENT, 16, seed);
            world.run(seed % 2 * 100 * SECOND + 3 * SECOND);
            world.refuseFor(60 * SECOND);
            world.run(200 * SECOND);
            long from = world.now();
            world.run(100 * SECOND);

            assertThat(world.passed(from, world.now()))
                    .as("of 600, seed %s", seed)
                    .isGreaterThan(480);
        }
    }
}
