package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.simulator.HubSpotOptions;
import de.contactsync.simulator.HubSpotSimulator;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreviewIT {

    @TempDir
    Path folder;

    @Test
    @OnBothRuntimes
    void preview_shows_pending_beside_delivered_and_neither_sends_nor_writes() throws Exception {
        KeyFiles keys = KeyFiles.good(1, 12).addInvalid();
        Path file = keys.write(folder.resolve("keys.csv"));
        try (JtlSimulator jtl = JtlSimulator.start(
                        SimulatorOptions.builder().changedShare(1).build());
                HubSpotSimulator hubSpot = HubSpotSimulator.start(HubSpotOptions.standard());
                Product product = Product.in(folder.resolve("home"))
                        .against(jtl)
                        .into(hubSpot)
                        .withHarmlessMapping()) {
            RunningProduct first = product.start("preview", file);
            assertThat(first.exitCode()).as(first.toString()).isZero();
            assertThat(first.toString()).contains("mapped for the CRM by " + product.folder());
            assertThat(first.out())
                    .filteredOn(line -> line.startsWith("line "))
                    .hasSize(10)
                    .allSatisfy(line -> assertThat(line).endsWith("is new to the CRM, would be sent"));
            assertThat(product.database()).doesNotExist();
            assertThat(hubSpot.stats().calls()).isZero();

            assertThat(product.start("import", file).exitCode()).isEqualTo(1);
            List<List<String>> stored = Tables.of(product).contacts();
            byte[] database = Files.readAllBytes(product.database());
            long calls = hubSpot.stats().calls();

            // It once took the chunks of other processes from their queue, and dropped them.
            RunningProduct unchanged =
                    product.with("contacts.file.via", "queue").start("preview", file, "--limit", "13");
            assertThat(unchanged.exitCode()).as(unchanged.toString()).isZero();
            assertThat(product.folder().resolve("data/broker")).doesNotExist();
            product.without("contacts.file.via");
            assertThat(unchanged.out())
                    .filteredOn(line -> line.startsWith("line "))
                    .hasSize(13)
                    .filteredOn(line -> line.endsWith("is as the CRM has it, would not be sent"))
                    .hasSize(12);
            assertThat(unchanged.stdout()).contains("line 14: invalid-key, nothing would be sent: ");

            jtl.revision(1);
            RunningProduct changed = product.start("preview", file, "--limit", "1");
            assertThat(changed.exitCode()).as(changed.toString()).isZero();
            assertThat(changed.out().get(0)).contains("has changed since it was delivered, would be sent");
            assertThat(changed.stdout())
                    .containsPattern("\\* mobilephone +\\+49\\d+   before: ")
                    .containsPattern("(?m)^    lastname +" + keys.keys().get(0).contactId() + "$");

            RunningProduct nobodys = product.without("jtl.tenant-id").start("preview", file, "--limit", "1");
            assertThat(nobodys.exitCode()).as(nobodys.toString()).isZero();
            assertThat(nobodys.stdout())
                    .startsWith("line 2: invalid-key, nothing would be sent: the key has no tenantId");

            assertThat(hubSpot.stats().calls()).isEqualTo(calls);
            assertThat(Tables.of(product).contacts()).isEqualTo(stored);
            assertThat(Files.readAllBytes(product.database())).isEqualTo(database);
        }
    }

    /** Neither SQLite, whose library could not be loaded here, nor PostgreSQL, which is not there. */
    @Test
    void preview_in_a_fresh_folder_needs_no_database_and_makes_none() throws Exception {
        Path file = KeyFiles.good(2, 3).write(folder.resolve("keys.csv"));
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.builder().build());
                Product product = Product.in(folder.resolve("fresh")).against(jtl)) {
            RunningProduct sqlite =
                    product.jvm("-Djava.io.tmpdir=" + folder.resolve("nowhere")).start("preview", file);
            RunningProduct postgresql = product.with("contacts.database.url", "jdbc:postgresql://127.0.0.1:1/nobody")
                    .start("preview", file);

            for (RunningProduct preview : List.of(sqlite, postgresql)) {
                assertThat(preview.exitCode()).as(preview.toString()).isZero();
                assertThat(preview.stderr()).contains("Shown without what was delivered before: the database");
                assertThat(preview.out())
                        .filteredOn(line -> line.startsWith("line "))
                        .hasSize(3)
                        .allSatisfy(line -> assertThat(line).endsWith("is new to the CRM, would be sent"));
            }
            assertThat(product.folder()).isEmptyDirectory();
        }
    }

    /** "Error opening connection" was all that was said. */
    @Test
    void a_preview_of_all_keys_without_a_temporary_folder_names_that_folder() throws Exception {
        Path file = KeyFiles.good(3, 3).write(folder.resolve("keys.csv"));
        Path nowhere = folder.resolve("nowhere");
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.builder().build());
                Product product = Product.in(folder.resolve("fresh")).against(jtl)) {
            RunningProduct preview = product.jvm("-Djava.io.tmpdir=" + nowhere).start("preview", "--all", file);

            assertThat(preview.exitCode()).as(preview.toString()).isEqualTo(3);
            assertThat(preview.stderr()).contains(nowhere + " (java.io.tmpdir): there is no such folder");
        }
    }
}
