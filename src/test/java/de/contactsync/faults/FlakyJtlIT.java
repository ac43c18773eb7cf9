package de.contactsync.faults;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.brokers.TcpProxy;
import de.contactsync.product.KeyFiles;
import de.contactsync.product.Product;
import de.contactsync.product.RunningProduct;
import de.contactsync.product.Tables;
import de.contactsync.simulator.Fault;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A JTL that fails every third call, breaks some off and takes its time. */
class FlakyJtlIT {

    private static final int KEYS = Scale.of(1_000, 5_000);

    @TempDir
    Path folder;

    @Test
    void every_key_reaches_its_end_at_few_calls_more_than_there_are_failures() throws IOException {
        KeyFiles file = KeyFiles.good(Scale.SEED, KEYS);
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.builder()
                        .seed(Scale.SEED)
                        .fault(Fault.connection(Fault.Connection.RESET).share(0.01))
                        .fault(Fault.status(500).share(0.1))
                        .fault(Fault.status(502).share(0.11))
                        .fault(Fault.status(503).share(0.125))
                        .notFoundShare(0.02)
                        .countKeys(true)
                        .build());
                TcpProxy line = new TcpProxy(jtl.port())
                        .withDelay(
                                Duration.ofMillis(Scale.of(5, 50)),
                                Duration.ofMillis(Scale.of(500, 5_000)),
                                Scale.SEED);
                Product product = Product.in(folder.resolve("work"))
                        .against(jtl)
                        .with("jtl.base-url", line.uri(URI.create(jtl.baseUrl())))) {
            RunningProduct done = product.start("import", file.write(folder.resolve("keys.csv")));
            assertThat(done.exitCode(Duration.ofMinutes(20)))
                    .as(done.toString())
                    .isEqualTo(1);

            Tables tables = Tables.of(product);
            String seen = "seed %d, %s, runs %s, %s".formatted(Scale.SEED, jtl.stats(), tables.runs(), done);
            System.out.printf(
                    "%d keys, %d calls, %d of them failed%n",
                    KEYS, jtl.stats().contactRequests(), jtl.stats().faults());
            assertThat(tables.rows("SELECT total, done, stored + not_found + failed, rejected, state FROM import_run"))
                    .as(seen)
                    .containsExactly(List.of("" + KEYS, "" + KEYS, "" + KEYS, "0", "finished"));
            assertThat(tables.rows("SELECT DISTINCT reason FROM dead_letter"))
                    .as(seen)
                    .isSubsetOf(List.of("not-found"), List.of("retries-exhausted"));
            assertThat(jtl.stats().faults()).as(seen).isBetween((long) (0.25 * KEYS), KEYS * 1L);
            assertThat(jtl.stats().keysAsked()).as(seen).isEqualTo(KEYS);
            assertThat(jtl.stats().contactRequests())
                    .as(seen)
                    .isLessThanOrEqualTo(KEYS + jtl.stats().faults() * 3 / 2);
        }
    }
}
