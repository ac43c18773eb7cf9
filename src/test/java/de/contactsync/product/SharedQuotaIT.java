package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.Quota;
import de.contactsync.simulator.SimulatorOptions;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Two processes on one PostgreSQL use one quota up together, and not twice. */
@Isolated("counts calls against time, which other tests would take from it")
class SharedQuotaIT {

    private static final int RECORDS = 150;
    private static final int LIMIT = 60;

    @TempDir
    Path folder;

    @Test
    void two_imports_at_once_keep_one_quota_and_share_it_fairly() throws Exception {
        Quota quota = new Quota(LIMIT, Duration.ofSeconds(4), Quota.Window.SLIDING, false, true);
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start();
                JtlSimulator jtl = JtlSimulator.start(
                        SimulatorOptions.builder().quota(quota).build());
                Product product = Product.in(folder.resolve("work")).against(jtl)) {
            product.with("contacts.database.url", postgres.getJdbcUrl("postgres", "postgres"))
                    .with("contacts.database.username", "postgres")
                    .with("contacts.database.password", "postgres")
                    .with("contacts.chunk-size", 10);
            long began = System.nanoTime();
            List<RunningProduct> both = List.of(
                    product.start("import", KeyFiles.good(81, RECORDS).write(folder.resolve("a.csv"))),
                    product.start("import", KeyFiles.good(82, RECORDS).write(folder.resolve("b.csv"))));
            Tables tables = Tables.of(product);
            for (RunningProduct runningProduct : both) {
                assertThat(runningProduct.exitCode(Duration.ofSeconds(120)))
                        .as(runningProduct.toString())
                        .isZero();
            }
            double seconds = (System.nanoTime() - began) / 1e9;

            assertThat(tables.rows("SELECT total, stored FROM import_run"))
                    .containsExactly(List.of("150", "150"), List.of("150", "150"));
            long refused = jtl.stats().statuses().getOrDefault(429, 0L);
            // The first answers of each tell it the quota; until then neither knows of the other.
            assertThat(refused).as(both + " in " + seconds + " s").isLessThanOrEqualTo(2);
            assertThat(jtl.stats().contactRequests()).isEqualTo(2 * RECORDS + refused);
            List<Long> buckets = tables.rows("SELECT count(*) FROM quota_bucket").stream()
                    .map(row -> Long.parseLong(row.get(0)))
                    .toList();
            assertThat(buckets).containsExactly(1L);
        }
    }
}
