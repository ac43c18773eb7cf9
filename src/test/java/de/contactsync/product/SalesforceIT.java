package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SalesforceOptions;
import de.contactsync.simulator.SalesforceSimulator;
import de.contactsync.simulator.SimulatorOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a key file into Salesforce, with the packaged jar. */
class SalesforceIT {

    private static final Duration LONG = Duration.ofSeconds(120);

    @TempDir
    Path folder;

    /** With a mapping by which Salesforce has no reason to refuse any contact that the simulated JTL makes up. */
    private Product product(JtlSimulator jtl, SalesforceSimulator salesforce) throws IOException {
        Path home = folder.resolve("home");
        Files.writeString(Files.createDirectories(home.resolve("mapping")).resolve("salesforce.yaml"), """
                key: Jtl_Contact_Id__c
                default-country: DE
                fields:
                  FirstName: {from: firstName, transform: trim}
                  LastName: {from: contactId}
                  MobilePhone: {from: mobilePhoneNumber, transform: [trim, e164]}
                """);
        return Product.in(home).against(jtl).into(salesforce);
    }

    private static JsonNode summary(RunningProduct done) throws IOException {
        return new ObjectMapper().readTree(done.out().get(done.out().size() - 1));
    }

    private static void assertSame(KeyFiles keys, SalesforceSimulator salesforce) {
        assertThat(salesforce.records().values().stream().map(record -> record.get("Jtl_Contact_Id__c")))
                .containsExactlyInAnyOrderElementsOf(keys.keys().stream()
                        .map(key -> Product.TENANT + "/" + key.contactId())
                        .toList());
    }

    @Test
    void a_first_sync_takes_a_call_per_two_hundred_also_when_its_token_expires_meanwhile() throws Exception {
        KeyFiles keys = KeyFiles.good(1, 2_010);
        Path file = keys.write(folder.resolve("keys.csv"));
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.builder().build());
                SalesforceSimulator salesforce = SalesforceSimulator.start(SalesforceOptions.standard());
                Product product = product(jtl, salesforce)) {
            salesforce.revokeTokensAfterUpserts(3);
            RunningProduct first = product.start("import", "--json", file);
            assertThat(first.exitCode(LONG)).as(first.toString()).isZero();
            assertThat(summary(first).get("crm").get("delivered").asInt()).isEqualTo(2_010);
            assertThat(salesforce.stats().upserts()).isEqualTo(11);
            assertThat(salesforce.stats().tokens()).isEqualTo(2);
            assertSame(keys, salesforce);
            assertThat(first.stdout() + first.stderr()).doesNotContain(SalesforceOptions.CLIENT_SECRET);

            assertThat(product.start("import", file).exitCode(LONG)).isZero();
            assertThat(salesforce.stats().upserts()).as("nothing has changed").isEqualTo(11);

            RunningProduct preview = product.start("preview", file, "--limit", "1");
            assertThat(preview.exitCode(LONG)).as(preview.toString()).isZero();
            assertThat(preview.out().get(0)).contains("is as the CRM has it, would not be sent");
        }
    }

    @Test
    void seven_bad_contacts_become_dead_letters_and_are_resent_only_after_a_change() throws Exception {
        KeyFiles keys = KeyFiles.good(2, 100);
        Path file = keys.write(folder.resolve("keys.csv"));
        try (JtlSimulator jtl = JtlSimulator.start(
                        SimulatorOptions.builder().changedShare(1).build());
                SalesforceSimulator salesforce = SalesforceSimulator.start(SalesforceOptions.standard());
                Product product = product(jtl, salesforce)) {
            List<String> bad = keys.keys().subList(40, 47).stream()
                    .map(key -> Product.TENANT + "/" + key.contactId())
                    .toList();
            bad.forEach(salesforce::refuse);

            RunningProduct first = product.start("import", "--json", file);
            assertThat(first.exitCode(LONG)).as(first.toString()).isEqualTo(1);
            assertThat(summary(first).get("crm").get("delivered").asInt()).isEqualTo(93);
            assertThat(summary(first).get("crm").get("refused").asInt()).isEqualTo(7);
            assertThat(salesforce.stats().contacts()).isEqualTo(93);
            assertThat(salesforce.stats().upserts()).isEqualTo(1);
            assertThat(Tables.of(product)
                            .rows("SELECT DISTINCT source, stage, reason, error_code, state FROM dead_letter"))
                    .containsExactly(List.of(
                            "delivery", "sink:crm", "sink-rejected", "FIELD_CUSTOM_VALIDATION_EXCEPTION", "open"));
            assertThat(Tables.of(product).rows("SELECT error_message FROM dead_letter"))
                    .hasSize(7)
                    .allSatisfy(row -> assertThat(row.get(0)).contains("A rule of this organisation refuses …"));

            assertThat(product.start("import", file).exitCode(LONG)).isZero();
            assertThat(salesforce.stats().upserts()).as("refused as it is").isEqualTo(1);

            bad.forEach(salesforce::permit);
            jtl.revision(1);
            RunningProduct changed = product.start("import", "--json", file);
            assertThat(changed.exitCode(LONG)).as(changed.toString()).isZero();
            assertSame(keys, salesforce);
            assertThat(Tables.of(product).rows("SELECT DISTINCT state FROM dead_letter"))
                    .containsExactly(List.of("replayed"));
        }
    }

    @Test
    void while_salesforce_is_away_contacts_wait_and_are_sent_without_asking_jtl_again() throws Exception {
        KeyFiles keys = KeyFiles.good(3, 250);
        Path file = keys.write(folder.resolve("keys.csv"));
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.builder().build())) {
            SalesforceSimulator gone = SalesforceSimulator.start(SalesforceOptions.standard());
            try (Product product = product(jtl, gone)) {
                gone.close();
                product.with("contacts.max-wait", "1s");
                RunningProduct away = product.start("import", "--json", file);
                assertThat(away.exitCode(LONG)).as(away.toString()).isEqualTo(3);
                assertThat(summary(away).get("crm").get("pending").asInt()).isEqualTo(250);
                assertThat(summary(away).get("crm").get("message").asText())
                        .contains("out of reach", "contacts.crm.oauth.token-endpoint");
                long asked = jtl.stats().contactRequests();

                try (SalesforceSimulator back =
                        SalesforceSimulator.start(SalesforceOptions.standard().onPort(gone.port()))) {
                    RunningProduct again = product.start("import", "--json", file);
                    assertThat(again.exitCode(LONG)).as(again.toString()).isZero();
                    assertSame(keys, back);
                    assertThat(back.stats().upserts()).isEqualTo(2);
                    assertThat(jtl.stats().contactRequests()).isEqualTo(asked);
                }
            }
        }
    }

    @Test
    void missing_fields_of_salesforce_are_reported_before_anything_is_sent() throws Exception {
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.builder().build());
                SalesforceSimulator bare =
                        SalesforceSimulator.start(SalesforceOptions.standard().withField("Jtl_Contact_Id__c", null));
                Product product = product(jtl, bare)) {
            RunningProduct refused = product.start("import", KeyFiles.good(4, 5).write(folder.resolve("keys.csv")));
            assertThat(refused.exitCode(LONG)).as(refused.toString()).isEqualTo(2);
            assertThat(refused.stderr()).contains("has no field Jtl_Contact_Id__c", "External ID, Unique");
        }
    }
}
