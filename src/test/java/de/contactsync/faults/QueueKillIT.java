package de.contactsync.faults;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.brokers.ArtemisBroker;
import de.contactsync.product.KeyFiles;
import de.contactsync.product.RunningProduct;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two workers on one broker and one PostgreSQL, of which one after the other dies. */
class QueueKillIT {

    private static final int KILLS = Scale.of(6, 50);
    private static final int MESSAGES = Scale.of(3_000, 20_000);

    @TempDir
    Path folder;

    private final Random random = new Random(Scale.SEED);

    @Test
    void messages_are_neither_lost_nor_doubled_when_workers_are_killed_again_and_again() throws Exception {
        KeyFiles keys = KeyFiles.good(Scale.SEED, MESSAGES);
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start();
                ArtemisBroker artemis = ArtemisBroker.start(folder.resolve("artemis"));
                JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.builder()
                        .latency(Duration.ofMillis(20))
                        .notFoundShare(0.03)
                        .countKeys(true)
                        .build());
                QueueWorkers workers = new QueueWorkers(folder, artemis, postgres, jtl)) {
            // Some 100 calls a second for each worker, so that there is something left to be done by the last.
            workers.product.with("jtl.concurrency", 2);
            List<RunningProduct> both = new ArrayList<>(List.of(workers.start(), workers.start()));
            workers.send(keys);
            List<String> moments = new ArrayList<>();
            for (int kill = 1; kill <= KILLS; kill++) {
                workers.awaitDone((long) MESSAGES * kill / (KILLS + 3), Duration.ofMinutes(3));
                WallClock.passes(Duration.ofMillis(random.nextInt(300)));
                int which = random.nextInt(2);
                assertThat(both.get(which).kill()).as("it was alive").isTrue();
                long done = workers.done();
                moments.add("worker " + which + " after " + done);
                assertThat(done).as("all was done before, killed " + moments).isLessThan(MESSAGES);
                both.set(which, workers.start());
            }
            String circumstances = "seed " + Scale.SEED + ", killed " + moments;
            workers.awaitDone(MESSAGES, Duration.ofMinutes(5));
            int doubled = workers.assertAllThere(keys, circumstances);
            System.out.printf(
                    "%d SIGKILLs of two workers in %,d messages: %,d contacts, 0 lost, 0 doubled rows, %d outputs"
                            + " came again with the same id; %d of %,d keys asked again%n",
                    KILLS,
                    MESSAGES,
                    keys.contacts(jtl).size(),
                    doubled,
                    jtl.stats().keysAskedAgain(),
                    MESSAGES);
        }
    }
}
