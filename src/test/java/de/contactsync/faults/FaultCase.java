package de.contactsync.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import de.contactsync.faults.agent.FailPoint;
import de.contactsync.product.KeyFiles;
import de.contactsync.product.Product;
import de.contactsync.product.RunningProduct;
import de.contactsync.product.Tables;
import de.contactsync.simulator.HubSpotOptions;
import de.contactsync.simulator.HubSpotSimulator;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A product with a JTL and one small key file of its own, to be disturbed once, and what is left in the end. */
final class FaultCase implements AutoCloseable {

    static final int CHUNK_SIZE = 20;

    private static final int CHUNKS_IN_FLIGHT = 4;
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final KeyFiles FILE = KeyFiles.mixed(81, 150, 0.05, 0.05);

    /**
     * @param unclosed   runs that are not over, or whose chunks are still remembered
     * @param deliveries to the CRM, and what that has in the end, whatever the ids of its records; empty without one
     */
    record End(
            List<List<String>> contacts,
            List<List<String>> deadLetters,
            List<List<String>> runs,
            List<List<String>> unclosed,
            List<String> files,
            String report,
            List<List<String>> deliveries,
            List<String> records) {}

    private final JtlSimulator jtl;
    private final Product product;
    private final Path keys;
    private final Path inbox;
    /** Null without a CRM. */
    private HubSpotSimulator hubSpot;

    FaultCase(Path folder) throws IOException {
        jtl = JtlSimulator.start(SimulatorOptions.builder()
                .notFoundShare(0.05)
                .latency(Duration.ofMillis(5))
                .countKeys(true)
                .build());
        product = Product.in(folder.resolve("work"))
                .against(jtl)
                .with("contacts.file.settle", "100ms")
                .with("contacts.chunk-size", CHUNK_SIZE);
        keys = FILE.write(product.folder().resolve("keys.csv"));
        inbox = Files.createDirectories(product.folder().resolve("inbox"));
    }

    FaultCase intoCrm() throws IOException {
        hubSpot = HubSpotSimulator.start(HubSpotOptions.standard());
        product.into(hubSpot).withHarmlessMapping();
        return this;
    }

    End importUndisturbed() throws IOException {
        importToItsEnd();
        return end(keys);
    }

    End runUndisturbed() throws IOException {
        Files.copy(keys, inbox.resolve("keys.csv"));
        runToItsEnd();
        return end(inbox.resolve(".done/keys.csv"));
    }

    /** @param faults option of the JVM that brings about {@code point} */
    End importDisturbed(FailPoint point, String faults) throws IOException {
        product.jvm(faults);
        RunningProduct disturbed = product.start("import", keys);
        int code = disturbed.exitCode(LONG);
        assertThat(disturbed.stderr()).as(disturbed.toString()).contains(FailPoint.MARK + point);
        assertThat(code).as(disturbed.toString()).isIn(point.kills() ? List.of(FailPoint.EXIT_CODE) : List.of(1, 3));
        product.jvm();
        if (!isClosed()) {
            importToItsEnd();
        }
        assertAskedAgainAtMostInFlight();
        return end(keys);
    }

    /** @param faults option of the JVM that brings about {@code point} */
    End runDisturbed(FailPoint point, String faults) throws IOException {
        product.jvm(faults);
        Files.copy(keys, inbox.resolve("keys.csv"));
        RunningProduct disturbed = product.start("run");
        await().alias(disturbed.toString())
                .atMost(LONG)
                .until(() -> disturbed.stderr().contains(FailPoint.MARK + point) || !disturbed.isAlive());
        if (!point.kills()) {
            disturbed.terminate();
        }
        assertThat(disturbed.exitCode(Duration.ofSeconds(30)))
                .as(disturbed.toString())
                .isEqualTo(point.kills() ? FailPoint.EXIT_CODE : 0);
        product.jvm();
        runToItsEnd();
        assertAskedAgainAtMostInFlight();
        return end(inbox.resolve(".done/keys.csv"));
    }

    private void importToItsEnd() throws IOException {
        RunningProduct runningProduct = product.start("import", keys);
        assertThat(runningProduct.exitCode(LONG)).as(runningProduct.toString()).isEqualTo(1);
    }

    private void runToItsEnd() throws IOException {
        RunningProduct runningProduct = product.start("run");
        // Before that it has nothing that would heed the signal.
        await().atMost(LONG).until(() -> runningProduct.stderr().contains("Watching"));
        await().alias(runningProduct.toString()).atMost(LONG).until(this::isClosed);
        runningProduct.terminate();
        assertThat(runningProduct.exitCode(Duration.ofSeconds(30)))
                .as(runningProduct.toString())
                .isZero();
    }

    private boolean isClosed() {
        return Tables.of(product).closed() == 1;
    }

    private void assertAskedAgainAtMostInFlight() {
        assertThat(jtl.askedAgain().values()).as("calls for keys asked again").allMatch(calls -> calls == 2);
        assertThat(jtl.askedAgain()).hasSizeLessThanOrEqualTo(CHUNKS_IN_FLIGHT * CHUNK_SIZE);
        if (hubSpot != null) {
            assertThat(hubSpot.writes().values()).as("sent once, or once more").allMatch(times -> times <= 2);
        }
    }

    private End end(Path settled) throws IOException {
        Tables tables = Tables.of(product);
        Path root = product.folder();
        try (Stream<Path> files = Files.walk(root)) {
            return new End(
                    tables.contacts(),
                    tables.deadLetters(),
                    tables.runs(),
                    tables.rows("SELECT id FROM import_run WHERE closed_at IS NULL UNION SELECT run_id FROM run_chunk"),
                    files.filter(Files::isRegularFile)
                            // Notes, by which files in .done are looked at again, and the lock of whoever did.
                            .filter(file -> !file.getParent().endsWith(".moved"))
                            .filter(file -> !file.endsWith(".work/.lock"))
                            .map(path -> root.relativize(path).toString())
                            .filter(name -> !name.startsWith("data/"))
                            .sorted()
                            .toList(),
                    Files.readString(settled.resolveSibling("keys.csv.errors.csv")),
                    tables.rows("SELECT tenant_id, customer_id, contact_id, state, content_hash = wanted_hash,"
                            + " remote_id IS NOT NULL, attempts, claimed_by FROM delivery ORDER BY 1, 2, 3"),
                    hubSpot == null
                            ? List.of()
                            : hubSpot.records().values().stream()
                                    .map(record -> new TreeMap<>(record).toString())
                                    .sorted()
                                    .toList());
        }
    }

    @Override
    public void close() {
        product.close();
        jtl.close();
        if (hubSpot != null) {
            hubSpot.close();
        }
    }
}
