package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import de.contactsync.simulator.HubSpotOptions;
import de.contactsync.simulator.HubSpotSimulator;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SalesforceOptions;
import de.contactsync.simulator.SalesforceSimulator;
import de.contactsync.simulator.SimulatorOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people have done in the CRM is found by reading it back, and what can be mended is sent once more. */
class AuditIT {

    @TempDir
    Path folder;

    @Test
    @OnBothRuntimes
    void audit_finds_what_was_changed_in_the_crm_and_repair_restores_it() throws Exception {
        Path file = KeyFiles.good(1, 250).write(folder.resolve("keys.csv"));
        Path report = folder.resolve("report.json");
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.builder().build());
                HubSpotSimulator hubSpot = HubSpotSimulator.start(HubSpotOptions.standard());
                Product product = Product.in(folder.resolve("home"))
                        .against(jtl)
                        .into(hubSpot)
                        .withHarmlessMapping()) {
            assertThat(product.start("import", file).exitCode()).isZero();
            long calls = hubSpot.stats().calls();

            RunningProduct clean = product.start("audit");
            assertThat(clean.exitCode()).as(clean.toString()).isZero();
            assertThat(clean.out())
                    .containsExactly("read back 250 = 250 as sent + 0 edited + 0 missing + 0 merged + 0 doubled"
                            + " + 0 unreadable");
            assertThat(hubSpot.stats().calls() - calls)
                    .as("the account, and three reads")
                    .isEqualTo(4);

            List<String> ids = List.copyOf(hubSpot.records().keySet());
            hubSpot.edit(ids.get(3), Map.of("lastname", "Von Hand"));
            hubSpot.delete(ids.get(100));
            hubSpot.merge(ids.get(201), ids.get(200));
            var before = hubSpot.records();
            byte[] database = Files.readAllBytes(product.database());

            RunningProduct found = product.start("audit", "--report", report);
            assertThat(found.exitCode()).as(found.toString()).isEqualTo(1);
            assertThat(found.stdout())
                    .containsPattern("(?m)^edited .* " + ids.get(3) + " +lastname$")
                    .containsPattern("(?m)^missing .* " + ids.get(100))
                    .containsPattern("(?m)^merged .* " + ids.get(201))
                    .doesNotContain("Von Hand");
            assertThat(found.out().get(found.out().size() - 1))
                    .isEqualTo("read back 250 = 247 as sent + 1 edited + 1 missing + 1 merged + 0 doubled"
                            + " + 0 unreadable");
            JsonNode json = new ObjectMapper().readTree(report.toFile());
            assertThat(json.get("contacts")).hasSize(3);
            assertThat(json.findValuesAsText("inCrm"))
                    .as("what was changed, and whose record the merged one is")
                    .containsExactlyInAnyOrder(
                            "Von Hand", hubSpot.records().get(ids.get(201)).get("jtl_contact_id"));
            assertThat(json.get("asSent").asInt()
                            + json.get("edited").asInt()
                            + json.get("missing").asInt()
                            + json.get("merged").asInt())
                    .isEqualTo(json.get("readBack").asInt());
            assertThat(hubSpot.records()).isEqualTo(before);
            assertThat(Files.readAllBytes(product.database())).isEqualTo(database);

            RunningProduct sample = product.start("audit", "--sample", "20");
            assertThat(sample.exitCode()).as(sample.toString()).isNotEqualTo(2);
            assertThat(sample.out().get(sample.out().size() - 1)).startsWith("read back 20 of 250 delivered = ");

            hubSpot.answer("/batch/read", 403, Map.of(), "{\"category\":\"MISSING_SCOPES\"}");
            RunningProduct halted = product.start("audit");
            assertThat(halted.exitCode()).as(halted.toString()).isEqualTo(3);
            assertThat(halted.out().get(halted.out().size() - 1))
                    .startsWith("read back 0 of 250 delivered, then halted = ");

            RunningProduct repair = product.start("audit", "--repair");
            assertThat(repair.exitCode()).as(repair.toString()).isEqualTo(1);
            assertThat(repair.stdout()).contains("2 marked to be sent once more");
            assertThat(hubSpot.records()).isEqualTo(before);
            RunningProduct waiting = product.start("audit");
            assertThat(waiting.exitCode()).as(waiting.toString()).isEqualTo(1);
            assertThat(waiting.stdout())
                    .contains("Not read back: 2 waiting to be sent")
                    .contains("read back 248 = 247 as sent + 0 edited + 0 missing + 1 merged");
            assertThat(product.start("sync").exitCode()).isZero();
            RunningProduct mended = product.start("audit");
            assertThat(mended.exitCode()).as(mended.toString()).isEqualTo(1);
            assertThat(mended.out().get(mended.out().size() - 1))
                    .isEqualTo("read back 250 = 249 as sent + 0 edited + 0 missing + 1 merged + 0 doubled"
                            + " + 0 unreadable");
        }
    }

    @Test
    void another_crm_than_was_delivered_into_is_not_compared() throws Exception {
        Path file = KeyFiles.good(2, 3).write(folder.resolve("keys.csv"));
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.builder().build());
                HubSpotSimulator hubSpot = HubSpotSimulator.start(HubSpotOptions.standard());
                SalesforceSimulator other = SalesforceSimulator.start(SalesforceOptions.standard());
                Product product = Product.in(folder.resolve("home"))
                        .against(jtl)
                        .into(hubSpot)
                        .withHarmlessMapping()) {
            assertThat(product.start("import", file).exitCode()).isZero();

            RunningProduct refused =
                    product.into(other).without("contacts.crm.token").start("audit");

            assertThat(refused.exitCode()).as(refused.toString()).isEqualTo(3);
            assertThat(refused.stderr()).contains("belongs to hubspot at");
        }
    }
}
