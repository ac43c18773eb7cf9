package de.contactsync.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import de.contactsync.product.KeyFiles;
import de.contactsync.product.Product;
import de.contactsync.product.RunningProduct;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SIGKILL at random moments while contacts go through a route of the user to a file. */
class RouteSinkKillIT {

    private static final Duration LONG = Duration.ofSeconds(120);
    /** What one process has claimed at most. */
    private static final int IN_HAND = 500;

    /** A contact's id, a blank, its hash and the end of the line. */
    private static final int LINE = 36 + 1 + 32 + 1;

    private static final String ROUTE = """
            - route:
                id: sink-log
                from:
                  uri: direct:sink-log
                  steps:
                    - setBody:
                        simple:
                          expression: "${header.contactId} ${header.contentHash}\\n"
                          trim: false
                    - to:
                        uri: file:out
                        parameters:
                          fileName: log.txt
                          fileExist: Append
            """;

    @TempDir
    Path folder;

    private Path out;

    /** All lines are equally long, and there may be 200,000 of them: too many to read at each look. */
    private long written() throws IOException {
        return Files.exists(out) ? Files.size(out) / LINE : 0;
    }

    @Test
    void each_contact_arrives_in_order_and_twice_only_if_it_was_in_flight() throws Exception {
        int contacts = Scale.of(2_500, 100_000);
        int kills = Scale.of(4, 50);
        Random random = new Random(Scale.SEED);
        KeyFiles keys = KeyFiles.good(Scale.SEED, contacts);
        Path file = keys.write(folder.resolve("keys.csv"));
        Path home = folder.resolve("home");
        out = home.resolve("out/log.txt");
        Files.writeString(Files.createDirectories(home.resolve("routes")).resolve("sink-log.camel.yaml"), ROUTE);
        try (JtlSimulator jtl = JtlSimulator.start(
                        SimulatorOptions.builder().changedShare(1).build());
                Product product = Product.in(home).against(jtl)) {
            product.with("contacts.sinks", "database,route:log").with("contacts.chunk-size", 100);
            int killed = 0;
            for (int revision = 1; revision <= 2; revision++) {
                jtl.revision(revision);
                long before = written();
                for (int kill = 1; kill <= kills / 2; kill++) {
                    RunningProduct running = product.start("import", file);
                    long goal = before + random.nextInt(contacts * kill / (kills / 2));
                    await().pollInterval(Duration.ofMillis(5))
                            .atMost(LONG)
                            .until(() -> written() > goal || !running.isAlive());
                    killed += running.kill() ? 1 : 0;
                }
                RunningProduct last = product.start("import", file);
                assertThat(last.exitCode(LONG)).as(last.toString()).isZero();
            }
            assertThat(killed).as("kills that met a living process").isGreaterThanOrEqualTo(kills / 2);
            assertEachOnceAndInOrder(keys, killed);
        }
    }

    private void assertEachOnceAndInOrder(KeyFiles keys, int killed) throws Exception {
        Map<String, List<String>> hashes = new HashMap<>();
        int lines = 0;
        for (String line : Files.readAllLines(out)) {
            String[] words = line.split(" ");
            hashes.computeIfAbsent(words[0], id -> new ArrayList<>()).add(words[1]);
            lines++;
        }
        assertThat(hashes.keySet())
                .as("each at least once")
                .isEqualTo(keys.keys().stream()
                        .map(key -> key.contactId().toString())
                        .collect(Collectors.toSet()));
        assertThat(hashes.values())
                .as("the old one, then the new one, each perhaps again")
                .allSatisfy(all -> {
                    List<String> runs = new ArrayList<>();
                    for (String hash : all) {
                        if (runs.isEmpty() || !runs.get(runs.size() - 1).equals(hash)) {
                            runs.add(hash);
                        }
                    }
                    assertThat(runs).hasSize(2).hasSameSizeAs(new HashSet<>(runs));
                });
        assertThat(written()).isEqualTo(lines);
        assertThat(lines - 2 * keys.keys().size())
                .as("sent again: what was in hand at a kill")
                .isLessThanOrEqualTo(killed * IN_HAND);
    }
}
