package de.contactsync.app;

import static de.contactsync.app.RestCrmFixture.outage;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import de.contactsync.crm.CrmAudit;
import de.contactsync.crm.CrmAudit.Difference;
import de.contactsync.crm.CrmAudit.Verdict;
import de.contactsync.crm.CrmSettings;
import de.contactsync.crm.PartFinding;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.crm.mapping.MappingException;
import de.contactsync.crm.mapping.MappingFile;
import de.contactsync.crm.rest.EspoCrmApi;
import de.contactsync.crm.rest.OpenCrxApi;
import de.contactsync.crm.rest.RestCrmServer;
import de.contactsync.crm.rest.RestCrmServer.Reply;
import de.contactsync.crm.rest.TrytonApi;
import de.contactsync.model.CustomerContact;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Reason;
import de.contactsync.model.TenantNames;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Calls that follow a contact: records that belong to it, and what it is linked to. */
class RestStepsTest {

    private static final String PHONES = "model.party.contact_mechanism.";

    @TempDir
    Path folder;

    private final TrytonApi api = new TrytonApi();

    private RestCrmFixture tryton(RestCrmServer crm, String more) throws Exception {
        return RestCrmFixture.example(
                folder, crm, "tryton", "contacts.crm.rest.username=anna\ncontacts.crm.rest.password=s3cr3t\n" + more);
    }

    private RestCrmFixture espoCrm(RestCrmServer crm) throws Exception {
        return RestCrmFixture.example(folder, crm, "espocrm", "contacts.crm.token=" + RestCrmServer.TOKEN + "\n");
    }

    private static Delivery contact(String phone, String mobile, String remoteId) {
        Delivery base = RestCrmFixture.delivery(1, "c1@example.org", "Groß", remoteId);
        CustomerContact contact =
                new CustomerContact(null, null, "Jörg", "Groß", phone, mobile, "c1@example.org", null);
        return new Delivery(base.key(), contact, contact.contentHash(), remoteId, false);
    }

    private List<String> mechanisms() {
        return api.mechanisms.values().stream()
                .map(each ->
                        each.path("type").asText() + " " + each.path("value").asText())
                .toList();
    }

    private static String id(RestCrmFixture station, Delivery delivery) {
        return ((DeliveryResult.Accepted) station.send(delivery).get(0)).remoteId();
    }

    /** Commands in the mapping made each phone number once more at every update. */
    @Test
    void records_of_a_contact_are_created_once_changed_and_deleted_with_its_value() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(api);
                RestCrmFixture station = tryton(crm, "")) {
            String party = id(station, contact("030 1234567", "0171 7654321", null));
            assertThat(mechanisms())
                    .containsExactly("phone +49301234567", "mobile +491717654321", "email c1@example.org");

            // As Tryton writes it.
            api.mechanisms.get("1").put("value", "+49 30 1234567");
            int calls = crm.calls().size();
            assertThat(id(station, contact("030 1234567", "0171 7654321", party)))
                    .isEqualTo(party);
            assertThat(crm.calls().subList(calls, crm.calls().size()).toString())
                    .contains(PHONES + "search_read")
                    .doesNotContain(PHONES + "create", PHONES + "write", PHONES + "delete");

            assertThat(id(station, contact("030 7654321", null, party))).isEqualTo(party);
            assertThat(mechanisms()).containsExactly("phone +49307654321", "email c1@example.org");
        }
    }

    @Test
    void a_step_whose_answer_is_lost_is_looked_for_and_not_made_twice() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(api);
                RestCrmFixture station = tryton(crm, "")) {
            api.losesAnswers = true;
            station.send(contact("030 1234567", null, null));
            assertThat(mechanisms()).containsExactly("phone +49301234567");
            api.losesAnswers = false;
            id(station, contact("030 1234567", null, null));
            id(station, contact("030 1234567", null, null));

            assertThat(crm.records()).hasSize(1);
            assertThat(mechanisms()).containsExactly("phone +49301234567", "email c1@example.org");
        }
    }

    @Test
    void a_step_that_is_refused_leaves_the_contact_delivered_and_says_where_it_stands() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(api);
                RestCrmFixture station = tryton(crm, "")) {
            crm.always(
                    "\"type\":\"mobile\",\"value\"",
                    Reply.of(200, "{\"id\": 1, \"error\": [\"UserError\", [\"+491717654321 is no phone number\"]]}"));
            DeliveryResult result =
                    station.send(contact("030 1234567", "0171 7654321", null)).get(0);

            assertThat(result).isInstanceOf(DeliveryResult.Unlinked.class);
            assertThat(((DeliveryResult.Unlinked) result).part()).isEqualTo("mobile");
            assertThat(((DeliveryResult.Unlinked) result).why().errorMessage())
                    .contains("mapping/rest.yaml line 1", "mobile", "UserError", "is no phone number")
                    .doesNotContain("7654321");
            assertThat(mechanisms()).containsExactly("phone +49301234567", "email c1@example.org");
        }
    }

    private RestCrmFixture openCrx(RestCrmServer crm) throws Exception {
        return RestCrmFixture.example(
                folder, crm, "opencrx", "contacts.crm.rest.username=anna\ncontacts.crm.rest.password=s3cr3t\n");
    }

    private static long posts(RestCrmServer crm) {
        return crm.lines().stream()
                .filter(line -> line.startsWith("POST ") && line.endsWith("/address"))
                .count();
    }

    /** It counted as "there is none": with a path that is wrong, each sync made each phone number once more. */
    @Test
    void a_find_that_is_answered_404_says_nothing_of_what_is_there() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new OpenCrxApi());
                RestCrmFixture station = openCrx(crm)) {
            crm.always("EMailAddress&size", Reply.of(404, "{\"code\": \"NO_ROUTE\"}"));

            assertThat(station.send(contact("030 1234567", null, null))).containsOnly(new DeliveryResult.Unsent());
            assertThat(posts(crm)).isZero();
            assertThat(outage(station).reason()).contains("404");
        }
    }

    /** The contact was refused, with a remedy for something else. */
    @Test
    void what_is_deleted_between_its_find_and_its_update_is_made_anew() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new OpenCrxApi());
                RestCrmFixture station = openCrx(crm)) {
            String id = id(station, contact("030 1234567", null, null));
            long made = posts(crm);
            crm.always(
                    "PUT /opencrx-rest-CRX/org.opencrx.kernel.account1/provider/CRX/segment/Standard/account/" + id
                            + "/address/",
                    Reply.of(404, "{}"));

            id(station, contact("030 7654321", null, id));

            assertThat(posts(crm) - made).isEqualTo(1);
        }
    }

    /** Its dead letter named no step, and the contact, which is there, counted as refused. */
    @Test
    void a_step_that_fails_for_one_contact_alone_is_named_in_its_dead_letter() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(api);
                RestCrmFixture station = tryton(crm, "")) {
            crm.always("+491717654321", Reply.of(500, "{}"));
            DeliveryResult result = new DeliveryResult.Unsent();
            for (int i = 0; i < 5 && result instanceof DeliveryResult.Unsent; i++) {
                result = station.send(contact("030 1234567", "0171 7654321", null))
                        .get(0);
                station.send(RestCrmFixture.delivery(2, "c2@example.org", "Klein"));
            }

            assertThat(result).isInstanceOf(DeliveryResult.Unlinked.class);
            DeliveryResult.Unlinked unlinked = (DeliveryResult.Unlinked) result;
            assertThat(unlinked.part()).isEqualTo("mobile");
            assertThat(unlinked.why().reason()).isEqualTo(Reason.RETRIES_EXHAUSTED);
            assertThat(unlinked.why().errorMessage()).contains("mapping/rest.yaml line 1", "mobile");
        }
    }

    /** A server that lists whatever it has when it does not know a filter had the numbers of others changed. */
    @Test
    void a_step_that_finds_records_of_a_made_up_contact_halts() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(api);
                RestCrmFixture station = tryton(crm, "")) {
            crm.always(PHONES + "search_read", Reply.of(200, "{\"result\": [{\"id\": 7, \"value\": \"of another\"}]}"));

            assertThat(station.send(contact("030 1234567", null, null))).containsOnly(new DeliveryResult.Unsent());
            assertThat(outage(station).reason()).contains("mapping/rest.yaml line", "phone, find", "made-up");
            assertThat(crm.calls().toString()).doesNotContain(PHONES + "write");
        }
    }

    @Test
    void a_contact_is_linked_to_the_company_of_its_customer_where_the_crm_has_it() throws Exception {
        EspoCrmApi espo = new EspoCrmApi();
        try (RestCrmServer crm = new RestCrmServer(espo);
                RestCrmFixture station = espoCrm(crm)) {
            Delivery contact = contact("030 1234567", null, null);
            String person = id(station, contact);
            assertThat(crm.records().get(person).has("accountId")).isFalse();

            espo.accounts.put(contact.key().customerId().toString(), "account1");
            id(station, contact);
            assertThat(crm.records().get(person).path("accountId"))
                    .isEqualTo(JsonNodeFactory.instance.textNode("account1"));
        }
    }

    /** They were not compared: a number that a person had deleted counted as sent. */
    @Test
    void an_audit_reads_back_what_steps_have_written_and_sending_again_mends_it() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(api);
                RestCrmFixture station = tryton(crm, "")) {
            Delivery delivered =
                    contact("030 1234567", "0171 7654321", id(station, contact("030 1234567", "0171 7654321", null)));
            // As Tryton writes it.
            api.mechanisms.get("1").put("value", "+49 30 1234567");
            CrmAudit.Finding clean =
                    station.sink.audit().compare(List.of(delivered)).get(0);
            assertThat(clean.verdict()).isEqualTo(Verdict.AS_SENT);
            assertThat(clean.parts())
                    .extracting(PartFinding::toString)
                    .containsExactly("phone as sent", "mobile as sent", "email as sent");

            api.mechanisms.get("2").put("value", "+491700000000");
            api.mechanisms.remove("3");
            int calls = crm.calls().size();
            CrmAudit.Finding finding =
                    station.sink.audit().compare(List.of(delivered)).get(0);

            assertThat(finding.verdict()).isEqualTo(Verdict.EDITED);
            assertThat(finding.parts())
                    .extracting(PartFinding::toString)
                    .containsExactly("phone as sent", "mobile edited", "email missing");
            assertThat(finding.differences())
                    .contains(
                            new Difference("mobile.value", "+491717654321", "+491700000000"),
                            new Difference("email.value", "c1@example.org", null));
            assertThat(crm.calls().subList(calls, crm.calls().size()).toString())
                    .doesNotContain(".create", ".write", ".delete");

            id(station, delivered);
            assertThat(station.sink.audit().compare(List.of(delivered)).get(0).verdict())
                    .isEqualTo(Verdict.AS_SENT);
        }
    }

    @Test
    void an_audit_reports_a_step_record_without_a_value_and_one_that_is_doubled() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(api);
                RestCrmFixture station = tryton(crm, "")) {
            String party = id(station, contact("030 1234567", "0171 7654321", null));
            CrmAudit.Finding finding = station.sink
                    .audit()
                    .compare(List.of(contact("030 1234567", null, party)))
                    .get(0);
            assertThat(finding.verdict()).isEqualTo(Verdict.EDITED);
            assertThat(finding.differences()).containsExactly(new Difference("mobile.value", "", "+491717654321"));

            api.mechanisms.put("9", api.mechanisms.get("1").deepCopy().put("value", "+4989"));
            api.mechanisms.get("1").put("value", "+4940");
            finding = station.sink
                    .audit()
                    .compare(List.of(contact("030 1234567", "0171 7654321", party)))
                    .get(0);
            assertThat(finding.verdict()).isEqualTo(Verdict.DOUBLED);
        }
    }

    @Test
    void an_audit_names_links_which_no_call_reads_back() throws Exception {
        EspoCrmApi espo = new EspoCrmApi();
        try (RestCrmServer crm = new RestCrmServer(espo);
                RestCrmFixture station = espoCrm(crm)) {
            CrmAudit audit = station.sink.audit();
            Delivery contact = contact("030 1234567", null, null);
            CrmAudit.Finding finding = audit.compare(List.of(contact("030 1234567", null, id(station, contact))))
                    .get(0);

            assertThat(finding.parts()).isEmpty();
            assertThat(audit.notShown()).contains("link");
        }
    }

    @Test
    void steps_of_the_mapping_and_of_the_settings_must_be_the_same() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(api)) {
            assertThatThrownBy(() -> tryton(crm, "contacts.crm.rest.steps=phone,fax\n"))
                    .isInstanceOf(MappingException.class)
                    .hasMessageContainingAll("mapping/rest.yaml", "contacts.crm.rest.steps", "fax", "email");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{create: POST /phones}                             | set find to a call",
                "{find: 'GET /phones?of={mobile}'}                  | {mobile} cannot stand here",
                "{find: /phones}                                    | find: it must be a method",
                "{find: GET /phones, id: '/href ['}                 | id: ",
                "{find: 'POST /phones {\"session\": \"{password}\"}'} | {password} stands in no call",
            })
    void errors_in_a_step_are_reported_with_its_line(String step, String wrong) throws Exception {
        Files.writeString(folder.resolve("application.properties"), """
                contacts.crm.token=token
                contacts.crm.rest.mode=single
                contacts.crm.rest.write=PUT /contacts/{key}
                contacts.crm.rest.steps=phone
                """);
        CrmSettings settings = RestCrmFixture.settings(folder, "http://127.0.0.1:1");
        Mapping mapping = MappingFile.parse("mapping/rest.yaml", "key: id\nfields: {}\nsteps:\n  phone: " + step);

        assertThatThrownBy(() -> settings.kind().check(mapping))
                .isInstanceOf(MappingException.class)
                .hasMessageContainingAll("mapping/rest.yaml line 4, phone", wrong);
    }

    @Test
    void another_crm_takes_no_steps() throws Exception {
        Files.createDirectories(folder.resolve("mapping"));
        Files.writeString(
                folder.resolve("mapping/hubspot.yaml"), "key: id\nfields: {}\nsteps: {phone: {find: GET /phones}}\n");
        assertThatThrownBy(() -> MappingFile.read(folder, "hubspot", TenantNames.only(null)))
                .isInstanceOf(MappingException.class)
                .hasMessageContainingAll("mapping/hubspot.yaml", "steps", "contacts.crm.kind=rest");
    }
}
