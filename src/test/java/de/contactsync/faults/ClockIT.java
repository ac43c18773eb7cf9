package de.contactsync.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import de.contactsync.product.KeyFiles;
import de.contactsync.product.Product;
import de.contactsync.product.RunningProduct;
import de.contactsync.product.Tables;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.Quota;
import de.contactsync.simulator.SimulatorOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The wall clock jumps while tokens live and quota windows run. */
class ClockIT {

    private static final Duration HOUR = Duration.ofHours(1);
    private static final int LIMIT = 60;
    private static final Duration INTERVAL = Duration.ofSeconds(10);
    private static final int WINDOWS = Scale.of(1, 6);
    private static final Duration TOKEN_LIFETIME = Duration.ofSeconds(4);

    @TempDir
    Path folder;

    @Test
    void an_hour_forth_and_back_neither_stalls_the_calls_nor_bursts_nor_wastes_tokens() throws IOException {
        Path error = folder.resolve("clock-error-millis");
        set(error, Duration.ZERO);
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.builder()
                        .quota(Quota.of(LIMIT, INTERVAL).window(Quota.Window.SLIDING))
                        .tokenLifetime(TOKEN_LIFETIME)
                        .build());
                Product product = Product.in(folder.resolve("work")).against(jtl)) {
            product.jvm(Faults.clock(error)).with("contacts.chunk-size", 20);
            KeyFiles file = KeyFiles.good(Scale.SEED, 5_000);
            RunningProduct runningProduct = product.start("import", file.write(folder.resolve("keys.csv")));
            await().alias(runningProduct.toString())
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> jtl.stats().contactRequests() > 0);
            WallClock.passes(INTERVAL);
            long began = System.nanoTime();
            long refusedBefore = refused(jtl);
            long tokensBefore = jtl.stats().tokenRequests();
            long all = 0;
            for (Duration jump : List.of(HOUR, HOUR.negated(), Duration.ZERO)) {
                set(error, jump);
                long before = jtl.stats().contactRequests();
                WallClock.passes(INTERVAL.multipliedBy(WINDOWS));
                long calls = jtl.stats().contactRequests() - before;
                System.out.printf(
                        "Wall clock wrong by %s: %d calls in %d windows of %d%n", jump, calls, WINDOWS, LIMIT);
                assertThat(calls)
                        .as("calls with the clock wrong by %s, %s", jump, runningProduct)
                        .isBetween((long) (0.8 * LIMIT * WINDOWS), (long) (1.1 * LIMIT * WINDOWS));
                all += calls;
            }
            assertThat(all)
                    .as("calls in %d windows of %d, %s", 3 * WINDOWS, LIMIT, runningProduct)
                    .isBetween((long) (0.97 * LIMIT * 3 * WINDOWS) - 1, (long) LIMIT * 3 * WINDOWS + 1);
            Duration ran = Duration.ofNanos(System.nanoTime() - began);
            assertThat(refused(jtl) - refusedBefore)
                    .as("answers 429, %s", runningProduct)
                    .isZero();
            // Renewed when 80 to 90 % of its life are over.
            assertThat(jtl.stats().tokenRequests() - tokensBefore)
                    .as("token requests in %s, %s", ran, runningProduct)
                    .isBetween(
                            ran.dividedBy(TOKEN_LIFETIME),
                            ran.dividedBy(TOKEN_LIFETIME.multipliedBy(4).dividedBy(5)) + 2);

            Tables tables = Tables.of(product);
            assertThat(tables.number("SELECT count(DISTINCT substr(enriched_at, 1, 13)) FROM contact"))
                    .as("hours that the product has seen")
                    .isGreaterThanOrEqualTo(3);
            assertThat(runningProduct.isAlive()).as(runningProduct.toString()).isTrue();
        }
    }

    private static long refused(JtlSimulator jtl) {
        return jtl.stats().statuses().getOrDefault(429, 0L);
    }

    /** Whole at once, as the product's process reads it any time. */
    private static void set(Path file, Duration error) throws IOException {
        Path draft = file.resolveSibling("draft");
        Files.writeString(draft, Long.toString(error.toMillis()));
        Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }
}
