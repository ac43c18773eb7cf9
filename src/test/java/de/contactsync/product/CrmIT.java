package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import de.contactsync.persistence.TestDatabase;
import de.contactsync.simulator.HubSpotOptions;
import de.contactsync.simulator.HubSpotSimulator;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a key file into the CRM, with the packaged jar. */
@Order(1)
class CrmIT {

    private static final Duration LONG = Duration.ofSeconds(90);

    @TempDir
    Path folder;

    private Product product(JtlSimulator jtl, HubSpotSimulator hubSpot) throws IOException {
        return Product.in(folder.resolve("home")).against(jtl).into(hubSpot).withHarmlessMapping();
    }

    private static JsonNode summary(RunningProduct done) throws IOException {
        return new ObjectMapper().readTree(done.out().get(done.out().size() - 1));
    }

    private static void assertSame(KeyFiles keys, HubSpotSimulator hubSpot) {
        assertThat(hubSpot.records().values().stream().map(record -> record.get("jtl_contact_id")))
                .containsExactlyInAnyOrderElementsOf(keys.keys().stream()
                        .map(key -> Product.TENANT + "/" + key.contactId())
                        .toList());
    }

    @Test
    @OnBothRuntimes
    void a_first_sync_takes_a_call_per_hundred_and_a_later_one_sends_what_changed() throws Exception {
        KeyFiles keys = KeyFiles.good(1, 10_000);
        Path file = keys.write(folder.resolve("keys.csv"));
        try (JtlSimulator jtl = JtlSimulator.start(
                        SimulatorOptions.builder().changedShare(0.01).build());
                HubSpotSimulator hubSpot = HubSpotSimulator.start(HubSpotOptions.standard());
                Product product = product(jtl, hubSpot)) {
            RunningProduct first = product.start("import", "--json", file);
            assertThat(first.exitCode(LONG)).as(first.toString()).isZero();
            assertThat(summary(first).get("crm").get("delivered").asInt()).isEqualTo(10_000);
            assertThat(hubSpot.stats().upserts()).isEqualTo(100);
            assertSame(keys, hubSpot);

            assertThat(product.start("import", file).exitCode(LONG)).isZero();
            assertThat(hubSpot.stats().upserts()).as("nothing has changed").isEqualTo(100);

            List<List<String>> before = Tables.of(product).rows("SELECT contact_id, content_hash FROM contact");
            Set<List<String>> known = new HashSet<>(before);
            jtl.revision(1);
            long began = System.nanoTime();
            RunningProduct changed = product.start("import", "--json", file);
            assertThat(changed.exitCode(LONG)).as(changed.toString()).isZero();
            Duration took = Duration.ofNanos(System.nanoTime() - began);
            List<List<String>> after = Tables.of(product).rows("SELECT contact_id, content_hash FROM contact");
            long differing = after.stream().filter(row -> !known.contains(row)).count();
            assertThat(differing).isBetween(50L, 150L);
            assertThat(summary(changed).get("crm").get("delivered").asLong()).isEqualTo(differing);
            long full = 100 + (differing + 99) / 100;
            assertThat(hubSpot.stats().upserts())
                    .as("a batch that is not full waits two seconds for more")
                    .isBetween(full, full + took.dividedBy(Duration.ofSeconds(2)));
            assertThat(hubSpot.stats().contacts()).isEqualTo(10_000);
        }
    }

    @Test
    @OnBothRuntimes
    void seven_bad_contacts_become_dead_letters_and_are_resent_only_after_a_change() throws Exception {
        KeyFiles keys = KeyFiles.good(2, 100);
        Path file = keys.write(folder.resolve("keys.csv"));
        try (JtlSimulator jtl = JtlSimulator.start(
                        SimulatorOptions.builder().changedShare(1).build());
                HubSpotSimulator hubSpot = HubSpotSimulator.start(HubSpotOptions.standard());
                Product product = product(jtl, hubSpot)) {
            List<String> bad = keys.keys().subList(40, 47).stream()
                    .map(key -> Product.TENANT + "/" + key.contactId())
                    .toList();
            bad.forEach(hubSpot::refuse);

            RunningProduct first = product.start("import", "--json", file);
            assertThat(first.exitCode()).as(first.toString()).isEqualTo(1);
            assertThat(summary(first).get("crm").get("delivered").asInt()).isEqualTo(93);
            assertThat(summary(first).get("crm").get("refused").asInt()).isEqualTo(7);
            assertThat(hubSpot.stats().contacts()).isEqualTo(93);
            assertThat(Tables.of(product)
                            .rows("SELECT DISTINCT source, stage, reason, http_status, error_code, state"
                                    + " FROM dead_letter"))
                    .containsExactly(
                            List.of("delivery", "sink:crm", "sink-rejected", "400", "VALIDATION_ERROR", "open"));
            assertThat(Tables.of(product).number("SELECT count(*) FROM dead_letter"))
                    .isEqualTo(7);
            assertThat(Tables.of(product).rows("SELECT error_message FROM dead_letter"))
                    .allSatisfy(row ->
                            assertThat(row.get(0)).contains("A rule of this account refuses …", "correlation id"));

            long calls = hubSpot.stats().calls();
            RunningProduct same = product.start("import", "--json", file);
            assertThat(same.exitCode()).as(same.toString()).isZero();
            assertThat(hubSpot.stats().calls())
                    .as("but for account and properties at the start")
                    .isEqualTo(calls + 2);

            bad.forEach(hubSpot::permit);
            jtl.revision(1);
            RunningProduct changed = product.start("import", "--json", file);
            assertThat(changed.exitCode()).as(changed.toString()).isZero();
            assertSame(keys, hubSpot);
            assertThat(Tables.of(product).rows("SELECT DISTINCT state FROM dead_letter"))
                    .containsExactly(List.of("replayed"));
        }
    }

    @Test
    void while_the_crm_is_away_contacts_wait_and_are_sent_without_asking_jtl_again() throws Exception {
        KeyFiles keys = KeyFiles.good(3, 250);
        Path file = keys.write(folder.resolve("keys.csv"));
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.builder().build())) {
            HubSpotSimulator gone = HubSpotSimulator.start(HubSpotOptions.standard());
            try (Product product = product(jtl, gone)) {
                gone.close();
                product.with("contacts.max-wait", "1s");
                RunningProduct away = product.start("import", "--json", file);
                assertThat(away.exitCode(LONG)).as(away.toString()).isEqualTo(3);
                assertThat(summary(away).get("crm").get("pending").asInt()).isEqualTo(250);
                assertThat(summary(away).get("crm").get("message").asText()).contains("no answer from HubSpot");
                long asked = jtl.stats().contactRequests();

                try (HubSpotSimulator back =
                        HubSpotSimulator.start(HubSpotOptions.standard().onPort(gone.port()))) {
                    RunningProduct again = product.start("import", "--json", file);
                    assertThat(again.exitCode(LONG)).as(again.toString()).isZero();
                    assertSame(keys, back);
                    assertThat(back.stats().upserts()).isEqualTo(3);
                    assertThat(jtl.stats().contactRequests()).isEqualTo(asked);
                }
            }
        }
    }

    @Test
    @OnBothRuntimes
    void run_delivers_dropped_files_and_resumes_by_itself_after_an_outage() throws Exception {
        KeyFiles first = KeyFiles.good(4, 120);
        KeyFiles second = KeyFiles.good(5, 130);
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.builder().build());
                HubSpotSimulator hubSpot = HubSpotSimulator.start(HubSpotOptions.standard());
                Product product = product(jtl, hubSpot)) {
            product.with("contacts.file.settle", "100ms");
            RunningProduct runningProduct = product.start("run");
            first.write(product.folder().resolve("inbox/first.csv"));
            await().atMost(LONG).untilAsserted(() -> assertSame(first, hubSpot));

            hubSpot.close();
            second.write(product.folder().resolve("inbox/second.csv"));
            await().atMost(LONG).until(() -> Tables.of(product).closed() == 2);
            try (HubSpotSimulator back =
                    HubSpotSimulator.start(HubSpotOptions.standard().onPort(hubSpot.port()))) {
                await().atMost(LONG).untilAsserted(() -> assertSame(second, back));
                runningProduct.terminate();
                assertThat(runningProduct.exitCode())
                        .as(runningProduct.toString())
                        .isZero();
            }
        }
    }

    @Test
    void killed_at_any_moment_it_loses_nothing_and_doubles_nothing() throws Exception {
        KillsIntoCrm.assertNothingLostOrDoubled(folder, 2_000, 4);
    }

    @Test
    void two_processes_on_one_database_send_each_contact_once() throws Exception {
        KeyFiles keys = KeyFiles.good(6, 3_000);
        try (TestDatabase database = TestDatabase.create(TestDatabase.Kind.POSTGRESQL);
                JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.builder().build());
                HubSpotSimulator hubSpot =
                        HubSpotSimulator.start(HubSpotOptions.standard().withLatency(Duration.ofMillis(50)));
                Product product = product(jtl, hubSpot)) {
            product.with("contacts.file.settle", "100ms")
                    .with("contacts.database.url", database.settings().url())
                    .with("contacts.database.username", database.settings().username())
                    .with("contacts.database.password", database.settings().password());
            product.start("run");
            product.start("run");
            keys.write(product.folder().resolve("inbox/keys.csv"));

            await().atMost(LONG).untilAsserted(() -> assertSame(keys, hubSpot));
            await().atMost(LONG)
                    .until(
                            () -> database.rows("SELECT DISTINCT state FROM delivery"),
                            states -> states.equals(List.of("delivered")));
            assertThat(hubSpot.writes().values()).containsOnly(1);
        }
    }

    @Test
    void missing_fields_of_the_crm_are_reported_before_anything_is_sent() throws Exception {
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.builder().build());
                HubSpotSimulator bare =
                        HubSpotSimulator.start(HubSpotOptions.standard().withProperties(Map.of()));
                Product product = product(jtl, bare)) {
            Path file = KeyFiles.good(7, 5).write(folder.resolve("keys.csv"));
            RunningProduct refused = product.start("import", file);
            assertThat(refused.exitCode()).as(refused.toString()).isEqualTo(2);
            assertThat(refused.stderr()).contains("jtl_contact_id", "contacts.crm.create-property=true");

            product.with("contacts.crm.create-property", "true");
            assertThat(product.start("import", file).exitCode()).isZero();
            assertThat(bare.stats().contacts()).isEqualTo(5);
        }
    }

    @Test
    void contacts_are_linked_to_companies_and_unchanged_ones_make_no_call() throws Exception {
        KeyFiles keys = KeyFiles.good(11, 250);
        Path file = keys.write(folder.resolve("keys.csv"));
        try (JtlSimulator jtl = JtlSimulator.start(
                        SimulatorOptions.builder().changedShare(1).build());
                HubSpotSimulator hubSpot = HubSpotSimulator.start(HubSpotOptions.standard());
                Product product = product(jtl, hubSpot)) {
            String refused = Product.TENANT + "/" + keys.keys().get(4).customerId();
            hubSpot.refuse(refused);
            product.with("contacts.crm.company", "link");
            RunningProduct nameless = product.start("import", file);
            assertThat(nameless.exitCode()).as(nameless.toString()).isEqualTo(2);
            assertThat(nameless.stderr()).contains("contacts.crm.company is link", "company-key");

            Path mapping = product.folder().resolve("mapping/hubspot.yaml");
            Files.writeString(mapping, Files.readString(mapping) + "company-key: jtl_customer_id\n");
            RunningProduct first = product.start("import", file);
            assertThat(first.exitCode(LONG)).as(first.toString()).isEqualTo(1);
            assertSame(keys, hubSpot);
            assertThat(hubSpot.links()).hasSize(249);
            assertThat(Tables.of(product).rows("SELECT stage FROM dead_letter"))
                    .containsExactly(List.of("sink:crm:company"));

            long calls = hubSpot.stats().calls();
            assertThat(product.start("import", file).exitCode(LONG)).isZero();
            assertThat(hubSpot.stats().calls())
                    .as("but for account and properties at the start")
                    .isEqualTo(calls + 3);

            hubSpot.permit(refused);
            jtl.revision(1);
            RunningProduct changed = product.start("import", file);
            assertThat(changed.exitCode(LONG)).as(changed.toString()).isZero();
            assertThat(hubSpot.links())
                    .hasSize(250)
                    .allSatisfy((contact, companies) -> assertThat(hubSpot.companies()
                                    .get(companies.iterator().next())
                                    .get("jtl_customer_id"))
                            .isEqualTo(Product.TENANT + "/"
                                    + hubSpot.records().get(contact).get("jtl_customer_id")));
            assertThat(Tables.of(product).rows("SELECT state FROM dead_letter")).containsExactly(List.of("replayed"));
        }
    }

    @Test
    void neither_the_token_nor_a_contact_is_in_the_log() throws Exception {
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.builder().build());
                HubSpotSimulator hubSpot = HubSpotSimulator.start(HubSpotOptions.standard());
                Product product =
                        Product.in(folder.resolve("home")).against(jtl).into(hubSpot)) {
            RunningProduct done = product.start("import", KeyFiles.good(8, 400).write(folder.resolve("keys.csv")));
            assertThat(done.exitCode()).as("many have one e-mail address").isEqualTo(1);
            String logged = done.stdout() + done.stderr();
            assertThat(logged).doesNotContain(hubSpot.token()).doesNotContainPattern("@\\S+\\.example");
            assertThat(Tables.of(product).rows("SELECT error_message FROM dead_letter WHERE http_status = 409"))
                    .isNotEmpty()
                    .allSatisfy(row -> assertThat(row.get(0))
                            .containsAnyOf("Existing ID: ", "which is sent at the same time")
                            .doesNotContainPattern("@\\S+\\.example"));
        }
    }

    @Test
    void what_jtl_has_no_longer_is_flagged_or_deleted_unless_it_is_too_much_to_be_right() throws Exception {
        KeyFiles keys = KeyFiles.good(10, 100);
        Path file = keys.write(folder.resolve("keys.csv"));
        try (JtlSimulator all = JtlSimulator.start(SimulatorOptions.builder().build());
                JtlSimulator fewer = JtlSimulator.start(SimulatorOptions.builder()
                        .contacts(keys.calledKeys().subList(2, 100))
                        .build());
                JtlSimulator few = JtlSimulator.start(SimulatorOptions.builder()
                        .contacts(keys.calledKeys().subList(40, 100))
                        .build());
                HubSpotSimulator hubSpot = HubSpotSimulator.start(HubSpotOptions.standard());
                Product product = product(all, hubSpot)) {
            assertThat(product.with("contacts.on-gone", "flag")
                            .start("import", file)
                            .exitCode())
                    .isZero();

            RunningProduct halted = product.against(few).start("import", "--json", file);
            assertThat(halted.exitCode()).as(halted.toString()).isEqualTo(3);
            assertThat(summary(halted).get("message").asText())
                    .contains("no longer knows 40 contacts of 100", "contacts.max-gone-share");
            assertThat(hubSpot.records().values()).noneMatch(record -> record.containsKey("jtl_gone"));
            // Asked for the same file again, the run that halted continues.
            product.with("contacts.max-gone-share", "50%");
            assertThat(product.start("import", file).exitCode()).isEqualTo(1);
            assertThat(hubSpot.records().values())
                    .filteredOn(record -> record.containsKey("jtl_gone"))
                    .hasSize(40);

            assertThat(product.against(all).start("import", file).exitCode()).isZero();
            assertThat(hubSpot.records().values())
                    .as("back at JTL, and no longer flagged")
                    .hasSize(100)
                    .noneMatch(record -> record.containsKey("jtl_gone"));

            product.with("contacts.on-gone", "delete").with("contacts.max-gone-share", "5%");
            RunningProduct deleted = product.against(fewer).start("import", "--json", file);
            assertThat(deleted.exitCode()).as(deleted.toString()).isEqualTo(1);
            assertThat(hubSpot.stats().contacts()).isEqualTo(98);
        }
    }
}
