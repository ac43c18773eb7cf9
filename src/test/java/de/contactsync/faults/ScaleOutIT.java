package de.contactsync.faults;

import de.contactsync.brokers.ArtemisBroker;
import de.contactsync.product.KeyFiles;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@code bench/scale-out} measures: two workers against one, where each call takes 50 ms. Figures, no judgement.
 */
@EnabledIfSystemProperty(named = "scale.out", matches = "\\d+", disabledReason = "only bench/scale-out measures")
class ScaleOutIT {

    private static final int MESSAGES = Integer.getInteger("scale.out", 0);
    private static final int CALLS = Integer.getInteger("scale.calls", 16);

    @TempDir
    Path folder;

    @Test
    void two_workers_against_one() throws Exception {
        double one = perSecond(1);
        double two = perSecond(2);
        System.out.printf(
                "%,d messages, 50 ms a call, %d calls in flight for each worker (at most %d/s): one worker %.0f/s,"
                        + " two %.0f/s, %.2f times as much%n",
                MESSAGES, CALLS, CALLS * 20, one, two, two / one);
    }

    /** In the middle part, without start and end. */
    private double perSecond(int count) throws Exception {
        KeyFiles keys = KeyFiles.good(Scale.SEED + count, MESSAGES);
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start();
                ArtemisBroker artemis = ArtemisBroker.start(folder.resolve("artemis-" + count));
                JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.builder()
                        .latency(Duration.ofMillis(50))
                        .build());
                QueueWorkers workers = new QueueWorkers(folder.resolve("workers-" + count), artemis, postgres, jtl)) {
            workers.product.with("jtl.concurrency", CALLS).jvm("-XX:TieredStopAtLevel=4");
            for (int i = 0; i < count; i++) {
                workers.start();
            }
            workers.send(keys);
            workers.awaitDone(MESSAGES / 4, Duration.ofMinutes(10));
            long from = workers.done();
            long began = System.nanoTime();
            workers.awaitDone(MESSAGES * 3L / 4, Duration.ofMinutes(10));
            return (workers.done() - from) / ((System.nanoTime() - began) / 1e9);
        }
    }
}
