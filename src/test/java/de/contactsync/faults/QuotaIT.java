package de.contactsync.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import de.contactsync.product.KeyFiles;
import de.contactsync.product.Product;
import de.contactsync.product.RunningProduct;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.Quota;
import de.contactsync.simulator.SimulatorOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** JTL's quota in real time: used up and not overrun, whatever kind of window it is, and when its limit changes. */
class QuotaIT {

    private static final int LIMIT = 60;
    private static final int LOWER = 30;
    private static final Duration INTERVAL = Duration.ofSeconds(10);
    private static final int WINDOWS = Scale.of(3, 10);
    private static final int WINDOWS_AFTER_CHANGE = Scale.of(2, 10);
    private static final double LEAST_USED = 0.97;
    private static final double LEAST_USED_WITHOUT_HEADERS = 0.9;
    private static final double MOST_REFUSED_WITHOUT_HEADERS = 0.02;

    @TempDir
    Path folder;

    static Stream<Arguments> quotas() {
        Quota quota = Quota.of(LIMIT, INTERVAL);
        return Stream.of(
                Arguments.of("fixed window", quota),
                Arguments.of("sliding window", quota.window(Quota.Window.SLIDING)),
                Arguments.of("token bucket", quota.window(Quota.Window.BUCKET)));
    }

    @Execution(ExecutionMode.CONCURRENT)
    @ParameterizedTest(name = "{0}")
    @MethodSource("quotas")
    void it_is_used_up_without_a_429_and_a_change_costs_one_at_most(String kind, Quota quota) throws IOException {
        try (JtlSimulator jtl = JtlSimulator.start(
                        SimulatorOptions.builder().quota(quota).build());
                Product product = product(kind, jtl)) {
            Meter meter = begin(kind, jtl, product);
            meter.windows(1);
            meter.assertRefused(0);

            meter.windows(WINDOWS);
            meter.assertUsed(LIMIT * WINDOWS);
            meter.assertRefused(0);

            for (int limit : new int[] {LOWER, LIMIT}) {
                jtl.quotaLimit(limit);
                meter.windows(1);
                meter.assertRefused(1);
                meter.windows(WINDOWS_AFTER_CHANGE);
                meter.assertUsed(limit * WINDOWS_AFTER_CHANGE);
                meter.assertRefused(0);
            }
        }
    }

    /** Refusals alone show the quota then, and a refusal now and then whether it is still the same. */
    @Execution(ExecutionMode.CONCURRENT)
    @Test
    void without_headers_it_is_learned_from_refusals() throws IOException {
        String kind = "headers missing";
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.builder()
                        .quota(Quota.of(LIMIT, INTERVAL).withoutHeaders())
                        .build());
                Product product = product(kind, jtl)) {
            Meter meter = begin(kind, jtl, product);
            meter.windows(6);

            meter.windows(WINDOWS);
            meter.assertUsed(LIMIT * WINDOWS, LEAST_USED_WITHOUT_HEADERS);
            meter.assertRefused((int) Math.ceil(MOST_REFUSED_WITHOUT_HEADERS * LIMIT * WINDOWS));
        }
    }

    private Product product(String kind, JtlSimulator jtl) throws IOException {
        return Product.in(folder.resolve(kind.replace(' ', '-'))).against(jtl);
    }

    private static Meter begin(String kind, JtlSimulator jtl, Product product) throws IOException {
        RunningProduct runningProduct = product.start(
                "import",
                KeyFiles.good(Scale.SEED, 5_000).write(product.folder().resolve("keys.csv")));
        await().alias(runningProduct.toString())
                .atMost(Duration.ofSeconds(60))
                .until(() -> jtl.stats().contactRequests() > 0);
        return new Meter(kind, jtl, runningProduct);
    }

    /** Counts answers from one call of {@link #windows} to the next. */
    private static final class Meter {
        private final String kind;
        private final JtlSimulator jtl;
        private final RunningProduct runningProduct;
        private long answersBefore;
        private long refusedBefore;
        private long passed;
        private long refused;

        Meter(String kind, JtlSimulator jtl, RunningProduct runningProduct) {
            this.kind = kind;
            this.jtl = jtl;
            this.runningProduct = runningProduct;
        }

        void windows(int count) {
            answersBefore = answers(200);
            refusedBefore = answers(429);
            WallClock.passes(INTERVAL.multipliedBy(count));
            passed = answers(200) - answersBefore;
            refused = answers(429) - refusedBefore;
            System.out.printf("%s: %d windows, %d calls passed, %d refused%n", kind, count, passed, refused);
            assertThat(runningProduct.isAlive()).as(runningProduct.toString()).isTrue();
        }

        /** One call more or less is a matter of when the count begins. */
        void assertUsed(int quota) {
            assertUsed(quota, LEAST_USED);
        }

        void assertUsed(int quota, double least) {
            assertThat(passed)
                    .as("%s: calls that passed, of %d; %s", kind, quota, runningProduct)
                    .isBetween((long) (least * quota) - 1, (long) quota + 1);
        }

        void assertRefused(int most) {
            assertThat(refused).as("%s: answers 429; %s", kind, runningProduct).isLessThanOrEqualTo(most);
        }

        private long answers(int status) {
            return jtl.stats().statuses().getOrDefault(status, 0L);
        }
    }
}
