package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import de.contactsync.simulator.HubSpotOptions;
import de.contactsync.simulator.HubSpotSimulator;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One person is removed here and in the CRM, stays away, and comes back when that is undone; with the packaged jar. */
class ForgetIT {

    @TempDir
    Path folder;

    private final KeyFiles keys = KeyFiles.good(31, 5);
    private final String id = keys.keys().get(2).contactId().toString();

    private String as = id;

    private static JsonNode imported(Product product, Path file, int exitCode) throws IOException {
        RunningProduct run = product.start("import", "--json", file);
        assertThat(run.exitCode()).as(run.toString()).isEqualTo(exitCode);
        return new ObjectMapper().readTree(run.out().get(run.out().size() - 1));
    }

    private RunningProduct forget(Product product, int exitCode, String... more) throws IOException {
        List<Object> arguments = new ArrayList<>(List.of("forget", "--contact", as));
        arguments.addAll(List.of(more));
        RunningProduct run = product.start(arguments.toArray());
        assertThat(run.exitCode()).as(run.toString()).isEqualTo(exitCode);
        return run;
    }

    private long rowsOfPerson(Product product) {
        return Tables.of(product)
                .number("SELECT (SELECT count(*) FROM contact WHERE contact_id = '" + id + "')"
                        + " + (SELECT count(*) FROM delivery WHERE contact_id = '" + id + "')"
                        + " + (SELECT count(*) FROM dead_letter WHERE contact_id = '" + id + "')");
    }

    private List<String> inCrm(HubSpotSimulator hubSpot, String property) {
        return hubSpot.records().values().stream()
                .filter(record -> (Product.TENANT + "/" + id).equals(record.get("jtl_contact_id")))
                .map(record -> String.valueOf(record.get(property)))
                .toList();
    }

    @Test
    void who_is_forgotten_is_deleted_in_the_crm_and_not_asked_for_until_that_is_undone() throws Exception {
        Path file = keys.write(folder.resolve("keys.csv"));
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.builder().build());
                HubSpotSimulator hubSpot = HubSpotSimulator.start(HubSpotOptions.standard());
                Product product = Product.in(folder.resolve("home"))
                        .against(jtl)
                        .into(hubSpot)
                        .withHarmlessMapping()
                        .with("contacts.on-gone", "delete")) {
            imported(product, file, 0);
            assertThat(inCrm(hubSpot, "jtl_contact_id")).hasSize(1);

            RunningProduct forgotten = forget(product, 0, "--crm");
            assertThat(forgotten.stdout())
                    .contains("receipt", "removed 1 contact, 0 dead letters", "1 record in the CRM was deleted")
                    .doesNotContain(id);
            assertThat(inCrm(hubSpot, "jtl_contact_id")).isEmpty();
            assertThat(hubSpot.stats().contacts()).isEqualTo(4);
            assertThat(rowsOfPerson(product)).isZero();

            long asked = jtl.stats().contactRequests();
            assertThat(imported(product, file, 1).get("rejected").asInt()).isEqualTo(1);
            assertThat(jtl.stats().contactRequests())
                    .as("JTL is not asked for who is forgotten")
                    .isEqualTo(asked + 4);
            assertThat(rowsOfPerson(product)).isZero();
            assertThat(hubSpot.stats().contacts()).isEqualTo(4);

            RunningProduct told = product.start("import", file);
            assertThat(told.exitCode()).as(told.toString()).isEqualTo(1);
            assertThat(told.stdout())
                    .as("no report is written of who is forgotten, so none is named")
                    .contains("1 rejected")
                    .doesNotContain("line by line");

            assertThat(forget(product, 0, "--undo").stdout()).contains("Lifted");
            assertThat(forget(product, 0, "--undo").stdout()).contains("Nothing was changed");
            imported(product, file, 0);
            assertThat(rowsOfPerson(product)).isEqualTo(2);
            assertThat(inCrm(hubSpot, "jtl_contact_id")).hasSize(1);

            String there = hubSpot.records().entrySet().stream()
                    .filter(record -> String.valueOf(record.getValue().get("jtl_contact_id"))
                            .endsWith(id))
                    .map(Map.Entry::getKey)
                    .findFirst()
                    .orElseThrow();
            hubSpot.delete(there);
            assertThat(forget(product, 0, "--crm").stdout())
                    .as("people were faster")
                    .contains("0 records in the CRM were deleted, and 1 contact had no record there");
        }
    }

    @Test
    void who_is_forgotten_is_flagged_in_the_crm_where_that_is_what_becomes_of_who_is_gone() throws Exception {
        Path file = keys.write(folder.resolve("keys.csv"));
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.builder().build());
                HubSpotSimulator hubSpot = HubSpotSimulator.start(HubSpotOptions.standard());
                Product product = Product.in(folder.resolve("home"))
                        .against(jtl)
                        .into(hubSpot)
                        .withHarmlessMapping()) {
            imported(product, file, 0);
            product.with("contacts.on-gone", "keep");
            assertThat(forget(product, 2, "--crm").stderr()).contains("contacts.on-gone=flag");
            assertThat(rowsOfPerson(product)).as("nothing is done by halves").isEqualTo(2);

            product.with("contacts.on-gone", "flag");
            assertThat(forget(product, 0, "--crm").stdout()).contains("1 record in the CRM was flagged");
            assertThat(inCrm(hubSpot, "jtl_gone")).containsExactly("yes");
            assertThat(rowsOfPerson(product)).isZero();
            // Keys in files were taken in these forms, and these refused.
            for (String form : List.of("{" + id + "}", id.replace("-", ""), id.toUpperCase(Locale.ROOT))) {
                as = form;
                assertThat(forget(product, 0).stdout()).as("given once more").contains("removed 0 contacts");
            }
        }
    }
}
