package de.contactsync.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import de.contactsync.product.KeyFiles;
import de.contactsync.product.Product;
import de.contactsync.product.RunningProduct;
import de.contactsync.product.Tables;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The promise that nothing is lost or doubled, whenever the process dies. */
class ImportKillIT {

    private static final int KILLS = Scale.of(15, 100);
    private static final int RECORDS = Scale.of(15_000, 100_000);
    private static final int CHUNK_SIZE = 100;
    private static final int CHUNKS_IN_FLIGHT = 4;
    /** With 32 calls in flight, so that the import alone takes 20 s, or in full 125 s. */
    private static final Duration LATENCY = Duration.ofMillis(40);

    private static final String SUMMARY_FIELDS = "\"resumed\":";

    @TempDir
    Path folder;

    private final Random random = new Random(Scale.SEED);
    private final List<String> moments = new ArrayList<>();

    @Test
    void an_import_killed_again_and_again_ends_as_if_it_had_never_been_disturbed() throws IOException {
        KeyFiles file = KeyFiles.mixed(Scale.SEED, RECORDS, 0.01, 0.02);
        try (JtlSimulator quick = JtlSimulator.start(simulator(Duration.ZERO));
                JtlSimulator slow = JtlSimulator.start(simulator(LATENCY));
                Product undisturbed = Product.in(folder.resolve("undisturbed")).against(quick);
                Product killed = Product.in(folder.resolve("killed")).against(slow)) {
            undisturbed.with("contacts.chunk-size", CHUNK_SIZE);
            killed.with("contacts.chunk-size", CHUNK_SIZE);
            Path expectedKeys = file.write(undisturbed.folder().resolve("keys.csv"));
            Path keys = file.write(killed.folder().resolve("keys.csv"));

            RunningProduct first = undisturbed.start("import", expectedKeys);
            assertThat(first.exitCode()).as(first.toString()).isEqualTo(1);

            int kills = killAgainAndAgain(killed, slow, keys);
            RunningProduct last = killed.start("import", "--json", keys);
            assertThat(last.exitCode(Duration.ofMinutes(5))).as(last.toString()).isEqualTo(1);
            assertThat(last.stdout()).contains(SUMMARY_FIELDS);

            String circumstances = "seed " + Scale.SEED + ", killed " + moments;
            Tables expected = Tables.of(undisturbed);
            Tables actual = Tables.of(killed);
            assertThat(actual.contacts())
                    .as(circumstances)
                    .isEqualTo(file.contacts(slow))
                    .isEqualTo(expected.contacts());
            assertThat(actual.deadLetters()).as(circumstances).isEqualTo(expected.deadLetters());
            assertThat(actual.runs()).as(circumstances).hasSize(1).isEqualTo(expected.runs());
            assertThat(report(keys)).as(circumstances).isEqualTo(report(expectedKeys));

            long again = slow.askedAgain().values().stream()
                    .mapToInt(calls -> calls - 1)
                    .sum();
            assertThat(slow.stats().keysAsked())
                    .as(circumstances)
                    .isEqualTo(file.keys().size());
            assertThat(again).as(circumstances).isLessThanOrEqualTo((long) kills * CHUNKS_IN_FLIGHT * CHUNK_SIZE);
            assertThat(quick.askedAgain())
                    .as("an undisturbed run asks for each key once")
                    .isEmpty();
            assertThat(kills)
                    .as("the import ended before it was killed often enough, " + circumstances)
                    .isEqualTo(KILLS);
            System.out.printf(
                    "%d SIGKILLs into a live import of %,d records: %,d contacts, %,d dead letters,"
                            + " 0 lost, 0 doubled; %,d of %,d keys asked again (%d at most allowed)%n",
                    kills,
                    RECORDS,
                    actual.contacts().size(),
                    actual.deadLetters().size(),
                    again,
                    file.keys().size(),
                    kills * CHUNKS_IN_FLIGHT * CHUNK_SIZE);
        }
    }

    /** Each process dies at another moment; those that died before their first call to JTL are not counted. */
    private int killAgainAndAgain(Product product, JtlSimulator simulator, Path keys) throws IOException {
        int kills = 0;
        int early = 0;
        while (kills < KILLS) {
            long before = simulator.stats().contactRequests();
            RunningProduct runningProduct = product.start("import", "--json", keys);
            if (early < 4 && random.nextInt(5) == 0) {
                early++;
                WallClock.passes(Duration.ofMillis(100 + random.nextInt(1_500)));
            } else {
                long calls = 1 + random.nextInt(1_200);
                await().atMost(Duration.ofSeconds(90))
                        .pollInterval(Duration.ofMillis(5))
                        .until(() ->
                                !runningProduct.isAlive() || simulator.stats().contactRequests() - before >= calls);
                WallClock.passes(Duration.ofMillis(random.nextInt(150)));
            }
            if (!runningProduct.kill()) {
                assertThat(runningProduct.exitCode())
                        .as(runningProduct.toString())
                        .isEqualTo(1);
                return kills;
            }
            long asked = simulator.stats().contactRequests() - before;
            if (asked > 0) {
                kills++;
                moments.add("after " + asked + " calls");
            } else {
                moments.add("at its start");
            }
        }
        return kills;
    }

    private static String report(Path keys) throws IOException {
        return Files.readString(keys.resolveSibling("keys.csv.errors.csv"));
    }

    private static SimulatorOptions simulator(Duration latency) {
        return SimulatorOptions.builder()
                .latency(latency)
                .notFoundShare(0.03)
                .countKeys(true)
                .build();
    }
}
