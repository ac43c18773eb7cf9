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

/** Contacts that the mapping keeps from the CRM are counted as that from preview to audit. */
class LeftOutIT {

    @TempDir
    Path folder;

    @Test
    @OnBothRuntimes
    void preview_summary_explain_and_audit_agree_on_filter_and_block_list() throws Exception {
        KeyFiles keys = KeyFiles.good(1, 10);
        Path file = keys.write(folder.resolve("keys.csv"));
        KeyFiles.Key filtered = keys.keys().get(3);
        KeyFiles.Key blocked = keys.keys().get(5);
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.builder().build());
                HubSpotSimulator hubSpot = HubSpotSimulator.start(HubSpotOptions.standard());
                Product product = Product.in(folder.resolve("home"))
                        .against(jtl)
                        .into(hubSpot)
                        .withHarmlessMapping()) {
            Path mapping = product.folder().resolve("mapping/hubspot.yaml");
            Files.writeString(
                    mapping,
                    Files.readString(mapping)
                            .replace(
                                    "fields:",
                                    "block-list: blocked.txt\nonly-if: {contactId: {not: " + filtered.contactId()
                                            + "}}\nfields:"));
            Path list = mapping.resolveSibling("blocked.txt");

            RunningProduct missing = product.start("preview", file);
            assertThat(missing.exitCode()).as(missing.toString()).isEqualTo(2);
            assertThat(missing.stderr())
                    .contains("mapping/hubspot.yaml line 4, block-list: " + list + " cannot be read");
            Files.writeString(list, "# by mail\n" + text(blocked) + "\n");

            RunningProduct preview = product.start("preview", "--all", file);
            assertThat(preview.exitCode()).as(preview.toString()).isZero();
            assertThat(preview.stdout())
                    .containsPattern("create +8\n")
                    .containsPattern("left out by block-list +1\n")
                    .containsPattern("left out by only-if +1\n");
            assertThat(ended(product.start("preview", file)))
                    .contains(
                            text(filtered) + " would be left out by only-if (mapping/hubspot.yaml, contactId)",
                            text(blocked) + " would be left out by block-list (mapping/blocked.txt line 2)");

            RunningProduct imported = product.start("import", file);
            assertThat(imported.exitCode()).as(imported.toString()).isZero();
            assertThat(imported.stdout())
                    .containsPattern("delivered +8\n")
                    .containsPattern("left out +2\n")
                    .containsPattern("refused +0\n");
            assertThat(hubSpot.records()).hasSize(8);

            assertThat(product.start("verify", file).exitCode()).isZero();
            RunningProduct audit = product.start("audit");
            assertThat(audit.exitCode()).as(audit.toString()).isZero();
            assertThat(audit.out())
                    .isEqualTo(List.of(
                            "Not read back: 2 left out",
                            "read back 8 = 8 as sent + 0 edited + 0 missing + 0 merged + 0 doubled + 0 unreadable"));
            assertThat(ended(product.start("explain", text(blocked))))
                    .contains("left out by block-list (mapping/blocked.txt line 2); never accepted");
            assertThat(ended(product.start("preview", "--all", file)))
                    .containsPattern("unchanged, not sent +8\n")
                    .containsPattern("left out before, not sent +2\n");
        }
    }

    private static String ended(RunningProduct command) throws Exception {
        assertThat(command.exitCode()).as(command.toString()).isZero();
        return command.stdout();
    }

    private static String text(KeyFiles.Key key) {
        return key.customerId() + "/" + key.contactId();
    }
}
