package de.contactsync.faults;

import de.contactsync.brokers.ArtemisBroker;
import de.contactsync.product.KeyFiles;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two workers share a queue and lose no message. What {@code bench/scale-out} measures with many more of them: two
 * workers against one, where each call takes 50 ms.
 */
class ScaleOutIT {

    private static final int MESSAGES = Integer.getInteger("scale.out", 400);
    private static final int CALLS = Integer.getInteger("scale.calls", 16);

    @TempDir
    Path folder;

    @Test
    void two_workers_share_a_queue_and_lose_nothing() throws Exception {
        double two = perSecond(2);
        if (Boolean.getBoolean("scale.measured")) {
            double one = perSecond(1);
            System.out.printf(
                    "%,d messages, 50 ms a call, %d calls in flight for each worker (at most %d/s): one worker %.0f/s,"
                            + " two %.0f/s, %.2f times as much%n",
                    MESSAGES, CALLS, CALLS * 20, one, two, two / one);
        }
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
            double perSecond = (workers.done() - from) / ((System.nanoTime() - began) / 1e9);
            workers.awaitDone(MESSAGES, Duration.ofMinutes(10));
            workers.assertAllThere(keys, count + " workers");
            return perSecond;
        }
    }
}
