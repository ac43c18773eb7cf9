package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import de.contactsync.simulator.HubSpotOptions;
import de.contactsync.simulator.HubSpotSimulator;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;

/** SIGKILL at random moments of a sync into the CRM. */
public final class KillsIntoCrm {

    private static final Duration LONG = Duration.ofSeconds(120);
    /** Keys of the chunks that may be in flight at once. */
    private static final int IN_FLIGHT = 4 * 100;

    /** What each takes. Four and more are left at the last kill, for a machine that is slow to see its moment. */
    private static final Duration BATCH = Duration.ofMillis(500);

    private KillsIntoCrm() {}

    public static void assertNothingLostOrDoubled(Path folder, int contacts, int kills) throws Exception {
        Random random = new Random(contacts);
        KeyFiles keys = KeyFiles.good(9, contacts);
        Path file = keys.write(folder.resolve("keys.csv"));
        // Slow enough that the kills are spread over the whole of it.
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.builder()
                        .latency(Duration.ofMillis(40))
                        .build());
                HubSpotSimulator hubSpot =
                        HubSpotSimulator.start(HubSpotOptions.standard().withLatency(BATCH));
                Product product = Product.in(folder.resolve("home"))
                        .against(jtl)
                        .into(hubSpot)
                        .withHarmlessMapping()) {
            product.with("contacts.chunk-size", 100).with("jtl.concurrency", 16);
            int killed = 0;
            for (int i = 1; i <= kills; i++) {
                RunningProduct runningProduct = product.start("import", file);
                long written = hubSpot.writes().size();
                long goal = Math.min(contacts - 1, Math.max(written + 1, (long) contacts * i / (kills + 1)));
                await().pollInterval(Duration.ofMillis(10))
                        .atMost(LONG)
                        .until(() -> hubSpot.writes().size() >= goal || !runningProduct.isAlive());
                await().pollDelay(Duration.ofMillis(random.nextInt((int) BATCH.toMillis())))
                        .atMost(LONG)
                        .until(() -> true);
                killed += runningProduct.kill() ? 1 : 0;
            }
            assertThat(killed).as("kills that met a living process").isGreaterThanOrEqualTo(kills - 1);
            RunningProduct last = product.start("import", file);
            assertThat(last.exitCode(LONG)).as(last.toString()).isZero();

            assertThat(hubSpot.records().values().stream().map(record -> record.get("jtl_contact_id")))
                    .as("none missing, none twice")
                    .containsExactlyInAnyOrderElementsOf(keys.keys().stream()
                            .map(key -> Product.TENANT + "/" + key.contactId())
                            .toList());
            assertThat(Tables.of(product).number("SELECT count(*) FROM delivery WHERE state <> 'delivered'"))
                    .isZero();
            assertThat(hubSpot.writes().values().stream()
                            .mapToInt(times -> times - 1)
                            .sum())
                    .as("sent again: a batch for each kill at most")
                    .isLessThanOrEqualTo(100 * kills);
            assertThat(jtl.stats().contactRequests())
                    .as("asked again: chunks in flight only")
                    .isLessThanOrEqualTo(contacts + (long) IN_FLIGHT * kills);
        }
    }
}
