package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import de.contactsync.crm.rest.RestApiFixture;
import de.contactsync.crm.rest.RestCrmServer;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Into CRMs that the packaged jar knows from properties and a mapping file alone. */
class RestCrmIT {

    private static final Duration LONG = Duration.ofSeconds(90);

    @TempDir
    Path folder;

    /** @param properties into {@code application.properties}, as an integrator writes them */
    private Product product(JtlSimulator jtl, RestCrmServer crm, String properties, String mapping) throws IOException {
        Path home = folder.resolve("home");
        Files.createDirectories(home.resolve("mapping"));
        Files.writeString(
                home.resolve("application.properties"), """
                contacts.sinks=database,crm
                contacts.crm.kind=rest
                contacts.crm.base-url=%s
                contacts.crm.token=%s
                %s""".formatted(crm.baseUrl(), RestCrmServer.TOKEN, properties));
        Files.writeString(home.resolve("mapping/rest.yaml"), mapping);
        return Product.in(home).against(jtl);
    }

    private Product pipedrive(JtlSimulator jtl, RestCrmServer crm) throws IOException {
        return product(jtl, crm, """
                contacts.crm.rest.mode=find-then-write
                contacts.crm.rest.auth=header
                contacts.crm.rest.auth-header=x-api-token: {token}
                contacts.crm.rest.key={contactId}
                contacts.crm.rest.find=GET /api/v2/persons/search?term={key}&fields=custom_fields&exact_match=true
                contacts.crm.rest.found=/data/items
                contacts.crm.rest.found-id=/item/id
                contacts.crm.rest.create=POST /api/v2/persons
                contacts.crm.rest.update=PATCH /api/v2/persons/{remoteId}
                contacts.crm.rest.delete=DELETE /api/v2/persons/{remoteId}
                contacts.crm.rest.id=/data/id
                contacts.crm.rest.in-flight=3
                """, """
                key: /custom_fields/%s
                default-country: DE
                fields:
                  name: {template: "{firstName} {lastName}", transform: trim}
                  /emails/0/value: {from: emailAddress, transform: [trim, lower-case]}
                  /emails/0/primary: {constant: true}
                """.formatted(RestApiFixture.Pipedrive.FIELD));
    }

    private static JsonNode crm(RunningProduct done) throws IOException {
        return new ObjectMapper()
                .readTree(done.out().get(done.out().size() - 1))
                .get("crm");
    }

    private static void assertSame(KeyFiles keys, RestCrmServer crm) {
        assertThat(crm.records().values().stream()
                        .map(record -> record.at("/custom_fields/" + RestApiFixture.Pipedrive.FIELD)
                                .asText()))
                .containsExactlyInAnyOrderElementsOf(keys.keys().stream()
                        .map(key -> key.contactId().toString())
                        .toList());
    }

    @Test
    void each_contact_is_created_once_despite_lost_answers_and_updated_only_when_changed() throws Exception {
        KeyFiles keys = KeyFiles.good(1, 60);
        Path file = keys.write(folder.resolve("keys.csv"));
        try (JtlSimulator jtl = JtlSimulator.start(
                        SimulatorOptions.builder().changedShare(1).build());
                RestCrmServer crm = new RestCrmServer(new RestApiFixture.Pipedrive());
                Product product = pipedrive(jtl, crm)) {
            crm.cutAfter("POST");
            RunningProduct first = product.start("import", "--json", file);
            assertThat(first.exitCode(LONG)).as(first.toString()).isZero();
            assertThat(crm(first).get("delivered").asInt()).isEqualTo(60);
            assertSame(keys, crm);

            int calls = crm.calls().size();
            assertThat(product.start("import", file).exitCode(LONG)).isZero();
            assertThat(crm.calls()).as("nothing has changed").hasSize(calls);

            jtl.revision(1);
            RunningProduct changed = product.start("import", "--json", file);
            assertThat(changed.exitCode(LONG)).as(changed.toString()).isZero();
            assertSame(keys, crm);
            assertThat(crm.calls().subList(calls, crm.calls().size()))
                    .as("their ids are known")
                    .hasSize(60)
                    .allMatch(call -> call.method().equals("PATCH"));
            assertThat(first.stdout() + first.stderr() + changed.stdout() + changed.stderr())
                    .doesNotContain(RestCrmServer.TOKEN)
                    .doesNotContainPattern("@\\S+\\.example");
        }
    }

    @Test
    void a_preview_shows_the_calls_without_what_they_say_of_a_contact() throws Exception {
        KeyFiles keys = KeyFiles.good(2, 1);
        Path file = keys.write(folder.resolve("keys.csv"));
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.builder().build());
                RestCrmServer crm = new RestCrmServer(new RestApiFixture.Pipedrive());
                Product product = pipedrive(jtl, crm)) {
            RunningProduct preview = product.start("preview", file);

            assertThat(preview.exitCode()).as(preview.toString()).isZero();
            String id = keys.keys().get(0).contactId().toString();
            assertThat(preview.stdout())
                    .contains(
                            "  > GET /api/v2/persons/search?term=" + id + "&fields=custom_fields&exact_match=true",
                            "  > POST /api/v2/persons",
                            "  > PATCH /api/v2/persons/REMOTE-ID",
                            "{\"custom_fields\":{\"" + RestApiFixture.Pipedrive.FIELD + "\":\"" + id
                                    + "\"},\"name\":\"___\"");
            assertThat(crm.calls()).isEmpty();
        }
    }

    @Test
    void a_batch_of_which_some_are_refused_leaves_dead_letters_with_the_reason() throws Exception {
        KeyFiles keys = KeyFiles.good(3, 250);
        Path file = keys.write(folder.resolve("keys.csv"));
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.builder().build());
                RestCrmServer crm = new RestCrmServer(new RestApiFixture.Zoho());
                Product product = product(jtl, crm, """
                        contacts.crm.rest.mode=batch
                        contacts.crm.rest.auth=header
                        contacts.crm.rest.auth-header=Authorization: Zoho-oauthtoken {token}
                        contacts.crm.rest.write=POST /crm/v8/Contacts/upsert \\
                            {"data": "{records}", "duplicate_check_fields": ["JTL_Contact_Id"]}
                        contacts.crm.rest.results=/data
                        contacts.crm.rest.success=/status=success
                        contacts.crm.rest.id=/details/id
                        """, """
                        key: JTL_Contact_Id
                        default-country: DE
                        fields:
                          Last_Name: {from: emailAddress}
                          Email: {from: emailAddress}
                        """)) {
            RunningProduct done = product.start("import", "--json", file);

            assertThat(done.exitCode(LONG)).as(done.toString()).isEqualTo(1);
            int refused = crm(done).get("refused").asInt();
            assertThat(refused)
                    .as("some have no address, which here is the name")
                    .isBetween(1, 249);
            assertThat(crm.records()).hasSize(250 - refused);
            assertThat(crm.calls()).hasSize(3);
            assertThat(Tables.of(product).rows("SELECT DISTINCT stage, error_code FROM dead_letter"))
                    .containsExactly(List.of("sink:crm", "MANDATORY_NOT_FOUND"));
        }
    }

    @Test
    void impossible_settings_are_reported_before_anything_is_done() throws Exception {
        Path file = KeyFiles.good(4, 1).write(folder.resolve("keys.csv"));
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.builder().build());
                RestCrmServer crm = new RestCrmServer(new RestApiFixture.Zoho());
                Product product =
                        product(jtl, crm, """
                        contacts.crm.rest.mode=single
                        contacts.crm.rest.write=PUT /contacts/{key}
                        """, "key: a\ndefault-country: DE\nfields: {/a/b: {from: fax}}\n")) {
            RunningProduct refused = product.start("import", file);
            assertThat(refused.exitCode()).as(refused.toString()).isEqualTo(2);
            assertThat(refused.stderr()).contains("mapping/rest.yaml, a: ", "JSON Pointer");

            RunningProduct preview = product.start("preview", file);
            assertThat(preview.exitCode()).as(preview.toString()).isEqualTo(2);
            assertThat(preview.stderr()).contains("mapping/rest.yaml, a: ", "JSON Pointer");

            RunningProduct wrong =
                    product.with("contacts.crm.rest.batch-size", "7").start("import", file);
            assertThat(wrong.exitCode()).as(wrong.toString()).isEqualTo(2);
            assertThat(wrong.stderr()).contains("contacts.crm.rest.batch-size", "only with batch");
        }
    }
}
