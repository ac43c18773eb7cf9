package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each dead letter passes a route of the user, also when the process is killed on the way. */
@OnBothRuntimes
class DeadLetterChannelIT {

    private static final Duration LONG = Duration.ofSeconds(90);
    private static final int LETTERS = 400;
    /** What one process has claimed at most. */
    private static final int IN_HAND = 100;

    private static final String ROUTE = """
            - route:
                id: dead-letter
                description: A file of a day.
                from:
                  uri: direct
                  parameters:
                    name: dead-letter
                  steps:
                    - delay:
                        expression:
                          constant:
                            expression: "5"
                    - marshal:
                        custom:
                          ref: contactsCsv
                    - to:
                        uri: file
                        parameters:
                          directoryName: out
                          fileName: letters.txt
                          fileExist: Append
            """;

    @TempDir
    Path folder;

    private List<String> written() throws Exception {
        Path file = folder.resolve("home/out/letters.txt");
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    @Test
    void each_letter_passes_once_and_those_in_hand_of_a_killed_process_perhaps_twice() throws Exception {
        Path routes = Files.createDirectories(folder.resolve("home/routes"));
        Files.writeString(routes.resolve("dead-letter.camel.yaml"), ROUTE);
        Path file = KeyFiles.good(15, LETTERS).write(folder.resolve("keys.csv"));
        try (JtlSimulator jtl = JtlSimulator.start(
                        SimulatorOptions.builder().notFoundShare(1).build());
                Product product = Product.in(folder.resolve("home")).against(jtl)) {
            RunningProduct killed = product.start("import", file);
            await().pollInterval(Duration.ofMillis(5))
                    .atMost(LONG)
                    .until(() -> written().size() > 50);
            assertThat(killed.kill()).isTrue();

            RunningProduct next = product.start("import", file);

            assertThat(next.exitCode(LONG)).as(next.toString()).isEqualTo(1);
            assertThat(written().stream().distinct())
                    .hasSize(LETTERS)
                    .allMatch(line -> line.contains(",jtl,not-found,\"JTL knows no such contact"));
            assertThat(written().size() - LETTERS).isBetween(0, IN_HAND);
            assertThat(Tables.of(product).number("SELECT count(*) FROM dead_letter WHERE channel IS NOT NULL"))
                    .isZero();
        }
    }
}
