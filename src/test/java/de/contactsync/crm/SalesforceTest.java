package de.contactsync.crm;

import static de.contactsync.crm.CrmStation.deliveries;
import static de.contactsync.crm.CrmStation.delivery;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.contactsync.contact.Delivery;
import de.contactsync.contact.Reason;
import de.contactsync.contact.Receipt;
import de.contactsync.crm.CrmSettings.Company;
import de.contactsync.crm.CrmSettings.Gone;
import de.contactsync.jtl.OAuthClientCredentialsProcessor;
import de.contactsync.jtl.OAuthSettings;
import de.contactsync.jtl.TokenSource;
import de.contactsync.outage.Outage;
import de.contactsync.outage.OutageException;
import de.contactsync.outage.TestBreakers;
import de.contactsync.simulator.SalesforceOptions;
import de.contactsync.simulator.SalesforceOptions.Field;
import de.contactsync.simulator.SalesforceSimulator;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SalesforceTest {

    private SalesforceSimulator salesforce = SalesforceSimulator.start(SalesforceOptions.standard());
    private TokenSource tokens;

    @AfterEach
    void stop() {
        if (tokens != null) {
            tokens.close();
        }
        salesforce.close();
    }

    private CrmStation station() throws Exception {
        return station(Gone.KEEP);
    }

    private CrmStation station(Gone gone) throws Exception {
        return station(gone, Company.NONE);
    }

    private CrmStation station(Gone gone, Company company) throws Exception {
        OAuthClient client = new OAuthClient(URI.create(salesforce.tokenEndpoint()), SalesforceOptions.CLIENT_ID,
                SalesforceOptions.CLIENT_SECRET, "");
        tokens = new TokenSource(
                new OAuthSettings("contacts.crm.oauth", client.tokenEndpoint(), client.id(), client.secret(), ""),
                TestBreakers.create()::forSink, System::nanoTime, new Random(1));
        return new CrmStation(
                new CrmSettings(new SalesforceSettings("v62.0", "Contact", company, client),
                        URI.create(salesforce.baseUrl()), gone, 0.05, false),
                new OAuthClientCredentialsProcessor(tokens));
    }

    private void restart(SalesforceOptions options) {
        salesforce.close();
        salesforce = SalesforceSimulator.start(options);
    }

    private static Receipt.Refused refusal(Receipt receipt) {
        assertThat(receipt).isInstanceOf(Receipt.Refused.class);
        return (Receipt.Refused) receipt;
    }

    private static List<Receipt> accepted(List<Receipt> receipts) {
        return receipts.stream().filter(Receipt.Accepted.class::isInstance).toList();
    }

    private static Delivery withRemoteId(Delivery delivery, String remoteId) {
        return new Delivery(delivery.key(), null, null, remoteId, true);
    }

    @Test
    void two_hundred_contacts_are_one_call_and_each_has_its_record() throws Exception {
        try (CrmStation station = station()) {
            List<Receipt> receipts = station.send(deliveries(1, 200));

            assertThat(accepted(receipts)).hasSize(200).doesNotHaveDuplicates();
            assertThat(salesforce.stats().upserts()).isEqualTo(1);
            Delivery seventh = deliveries(7, 7).get(0);
            assertThat(salesforce.records().get(((Receipt.Accepted) receipts.get(6)).remoteId())).isEqualTo(Map.of(
                    "Jtl_Contact_Id__c", seventh.key().tenantId() + "/" + seventh.key().contactId(),
                    "Jtl_Customer_Id__c", seventh.key().customerId().toString(),
                    "Email", "c7@example.org", "LastName", "Name 7", "Salutation", "Frau", "Phone", "+4930901820"));
        }
    }

    @Test
    void sending_again_updates_the_same_record() throws Exception {
        try (CrmStation station = station()) {
            List<Receipt> first = station.send(deliveries(1, 3));
            assertThat(station.send(deliveries(1, 3))).isEqualTo(first);
            assertThat(salesforce.stats().contacts()).isEqualTo(3);
        }
    }

    @Test
    void of_two_with_one_id_the_newer_goes_for_both() throws Exception {
        try (CrmStation station = station()) {
            List<Receipt> receipts = station.send(List.of(
                    delivery(1, "old@example.org", "Alt"), delivery(2, null, "Groß"), delivery(1, "new@example.org", "Neu")));

            assertThat(accepted(receipts)).hasSize(3);
            assertThat(receipts.get(0)).isEqualTo(receipts.get(2));
            assertThat(salesforce.records()).hasSize(2);
            assertThat(salesforce.records().get(((Receipt.Accepted) receipts.get(0)).remoteId()))
                    .containsEntry("LastName", "Neu");
            assertThat(salesforce.stats().upserts()).isEqualTo(1);
        }
    }

    @Test
    void seven_bad_ones_of_a_hundred_cost_no_other_and_no_further_call() throws Exception {
        List<Delivery> deliveries = new ArrayList<>(deliveries(1, 100));
        for (int bad : new int[] {0, 13, 14, 50, 77, 98, 99}) {
            deliveries.set(bad, delivery(bad + 1, "no-address-" + bad, "Mustermann"));
        }
        try (CrmStation station = station()) {
            List<Receipt> receipts = station.send(deliveries);

            assertThat(accepted(receipts)).hasSize(93);
            assertThat(refusal(receipts.get(13)).why().reason()).isEqualTo(Reason.SINK_REJECTED);
            assertThat(refusal(receipts.get(13)).why().errorCode()).isEqualTo("INVALID_EMAIL_ADDRESS");
            assertThat(refusal(receipts.get(13)).why().errorMessage())
                    .contains("Email: invalid email address: …", "(field Email)")
                    .doesNotContain("no-address", "Mustermann");
            assertThat(salesforce.stats().contacts()).isEqualTo(93);
            assertThat(salesforce.stats().upserts()).isEqualTo(1);
        }
    }

    @Test
    void what_salesforce_quotes_of_a_contact_stays_there() throws Exception {
        String name = "Xaver ".repeat(20);
        try (CrmStation station = station()) {
            assertThat(refusal(station.send(List.of(delivery(1, null, name))).get(0)).why().errorMessage())
                    .contains("STRING_TOO_LONG", "data value too large: … (max length=80)").doesNotContain("Xaver");
        }
    }

    @Test
    void without_last_name_it_is_not_sent() throws Exception {
        try (CrmStation station = station()) {
            List<Receipt> receipts = station.send(List.of(delivery(1, "a@example.org", " "), delivery(2, null, "Groß")));

            assertThat(refusal(receipts.get(0)).why().errorMessage()).contains("no contact without last name");
            assertThat(receipts.get(1)).isInstanceOf(Receipt.Accepted.class);
            assertThat(salesforce.stats().contacts()).isEqualTo(1);
        }
    }

    @Test
    void a_duplicate_rule_is_told_with_what_to_do() throws Exception {
        salesforce.create(Map.of("LastName", "Schon da", "Email", "c2@example.org"));
        salesforce.refuseDuplicates();
        try (CrmStation station = station()) {
            List<Receipt> receipts = station.send(deliveries(1, 3));

            assertThat(accepted(receipts)).hasSize(2);
            assertThat(refusal(receipts.get(1)).why().errorCode()).isEqualTo("DUPLICATES_DETECTED");
            assertThat(refusal(receipts.get(1)).why().errorMessage())
                    .contains("takes it for a record that it has already: merge the two", "Use one of these records?");
        }
    }

    @Test
    void what_others_are_at_work_on_is_sent_again_by_itself() throws Exception {
        List<Delivery> deliveries = deliveries(1, 5);
        salesforce.lock(Mapping.id(deliveries.get(2)), 3);
        try (CrmStation station = station()) {
            assertThat(accepted(station.send(deliveries))).hasSize(5);
            assertThat(salesforce.stats().upserts()).isEqualTo(4);
            assertThat(salesforce.writes().values()).containsOnly(1);
        }
    }

    @Test
    void what_stays_locked_stays_pending_is_no_dead_letter_and_holds_up_nobody() throws Exception {
        List<Delivery> deliveries = new ArrayList<>(deliveries(1, 5));
        try (CrmStation station = station(Gone.DELETE)) {
            String id = ((Receipt.Accepted) station.send(deliveries(6, 6)).get(0)).remoteId();
            for (int locked : new int[] {2, 4, 6}) {
                salesforce.lock(Mapping.id(delivery(locked, null, null)), 1_000);
            }
            deliveries.add(withRemoteId(deliveries(6, 6).get(0), id));
            List<Receipt> receipts = station.send(deliveries);

            assertThat(accepted(receipts)).hasSize(3);
            assertThat(List.of(receipts.get(1), receipts.get(3), receipts.get(5))).containsOnly(new Receipt.Unsent());
            assertThat(station.breakers.outages()).isEmpty();
        }
    }

    @Test
    void while_all_is_locked_nothing_is_refused_and_in_the_end_it_counts_as_away() throws Exception {
        deliveries(1, 40).forEach(delivery -> salesforce.lock(Mapping.id(delivery), 1_000));
        try (CrmStation station = station()) {
            assertThat(station.send(deliveries(1, 40))).containsOnly(new Receipt.Unsent());
            assertThat(station.breakers.outages()).singleElement()
                    .satisfies(outage -> assertThat(outage.kind()).isEqualTo(Outage.Kind.PASSING));
        }
    }

    @Test
    void a_contact_that_salesforce_fails_on_costs_no_other() throws Exception {
        salesforce.fail(Mapping.id(delivery(4, null, null)));
        try (CrmStation station = station()) {
            List<Receipt> receipts = station.send(deliveries(1, 100));

            assertThat(accepted(receipts)).hasSize(99);
            assertThat(refusal(receipts.get(3)).why().reason()).isEqualTo(Reason.RETRIES_EXHAUSTED);
            assertThat(refusal(receipts.get(3)).why().errorMessage()).contains("Salesforce fails on the contact");
            assertThat(station.breakers.outages()).isEmpty();
        }
    }

    @Test
    void a_deletion_that_salesforce_fails_on_holds_up_nobody() throws Exception {
        try (CrmStation station = station(Gone.DELETE)) {
            String id = ((Receipt.Accepted) station.send(deliveries(1, 1)).get(0)).remoteId();
            salesforce.fail(Mapping.id(delivery(1, null, null)));
            List<Delivery> deliveries = new ArrayList<>(deliveries(2, 5));
            deliveries.add(withRemoteId(deliveries(1, 1).get(0), id));
            List<Receipt> receipts = station.send(deliveries);

            assertThat(accepted(receipts)).hasSize(4);
            assertThat(refusal(receipts.get(4)).why().reason()).isEqualTo(Reason.RETRIES_EXHAUSTED);
            assertThat(salesforce.records()).containsKey(id);
            assertThat(station.breakers.outages()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "500, UNKNOWN_EXCEPTION, an unexpected error",
        "502, X, X",
        "503, SERVER_UNAVAILABLE, busy",
        "400, UNABLE_TO_LOCK_ROW, locked",
        "403, REQUEST_LIMIT_EXCEEDED, ConcurrentPerOrgLongTxn Limit exceeded.",
    })
    void what_may_pass_is_tried_again(int status, String code, String message) throws Exception {
        try (CrmStation station = station()) {
            station.sink.prepare();
            salesforce.answer(status, code, message);

            assertThat(accepted(station.send(deliveries(1, 2)))).hasSize(2);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "401, INVALID_SESSION_ID, Session expired, REFUSAL, did not accept the token",
        "403, REQUEST_LIMIT_EXCEEDED, TotalRequests Limit exceeded., REFUSAL, of the last 24 hours are spent",
        "403, API_DISABLED_FOR_ORG, no, REFUSAL, the API user may not do this",
        "404, NOT_FOUND, The requested resource does not exist, SETTINGS, contacts.crm.api-version",
        "302, X, X, SETTINGS, redirect",
        "400, INVALID_FIELD, No such column 'Foo__c' on sobject of type Contact, SETTINGS, No such column 'Foo__c'",
    })
    void what_concerns_all_ends_the_batch_and_says_what_to_do(
            int status, String code, String message, Outage.Kind kind, String told) throws Exception {
        try (CrmStation station = station()) {
            station.sink.prepare();
            salesforce.answer(status, code, message);

            assertThat(station.send(deliveries(1, 3))).containsOnly(new Receipt.Unsent());
            assertThat(station.breakers.outages()).singleElement().satisfies(outage -> {
                assertThat(outage.kind()).isEqualTo(kind);
                assertThat(outage.scope()).isEqualTo(Outage.Scope.SINK);
                assertThat(outage.reason()).contains(told);
            });
            assertThat(salesforce.stats().contacts()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"INVALID_FIELD", "INVALID_FIELD_FOR_INSERT_UPDATE", "INVALID_TYPE"})
    void what_one_record_says_of_the_fields_is_about_it_alone_once_another_is_written(String code) throws Exception {
        String bad = "{\"success\":false,\"errors\":[{\"statusCode\":\"" + code + "\",\"message\":\"no\","
                + "\"fields\":[\"Fax\"]}]}";
        try (CrmStation station = station()) {
            station.sink.prepare();
            salesforce.answer(200, Map.of(), "[" + bad + ",{\"success\":true,\"id\":\"003000000000001AAA\",\"errors\":[]}]");
            List<Receipt> receipts = station.send(deliveries(1, 2));

            assertThat(refusal(receipts.get(0)).why().errorCode()).isEqualTo(code);
            assertThat(receipts.get(1)).isInstanceOf(Receipt.Accepted.class);
            assertThat(station.breakers.outages()).isEmpty();

            salesforce.answer(200, Map.of(), "[" + bad + "," + bad + "]");
            assertThat(station.send(deliveries(1, 2))).containsOnly(new Receipt.Unsent());
            assertThat(station.breakers.outages()).singleElement().satisfies(outage -> assertThat(outage.reason())
                    .contains(code, "(field Fax)", "mapping/salesforce.yaml"));
        }
    }

    @Test
    void a_record_that_says_so_of_all_ends_the_batch_too() throws Exception {
        try (CrmStation station = station()) {
            station.sink.prepare();
            salesforce.answer(200, Map.of(), """
                    [{"success":true,"id":"003000000000001AAA","errors":[]},
                     {"success":false,"errors":[{"statusCode":"STORAGE_LIMIT_EXCEEDED","message":"full","fields":[]}]}]
                    """);

            assertThat(station.send(deliveries(1, 2))).containsOnly(new Receipt.Unsent());
            assertThat(station.breakers.outages()).singleElement()
                    .satisfies(outage -> assertThat(outage.reason())
                            .contains("STORAGE_LIMIT_EXCEEDED", "administrator").doesNotContain("mapping/"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "[]", "", "{\"status\":\"ok\"}", "<html></html>"})
    void an_answer_of_200_that_tells_of_no_record_is_no_success(String body) throws Exception {
        try (CrmStation station = station()) {
            station.sink.prepare();
            salesforce.answer(200, Map.of(), body);

            assertThat(station.send(deliveries(1, 3))).containsOnly(new Receipt.Unsent());
            assertThat(station.breakers.outages()).singleElement().satisfies(outage -> assertThat(outage.reason())
                    .contains("does not say of each contact whether it was written"));
        }
    }

    @Test
    void where_results_are_missing_none_is_believed_and_all_are_sent_again() throws Exception {
        try (CrmStation station = station()) {
            station.sink.prepare();
            salesforce.answer(200, Map.of(), """
                    [{"success":true,"id":"003000000000009AAA","errors":[]}]
                    """);
            List<Receipt> receipts = station.send(deliveries(1, 4));

            assertThat(accepted(receipts)).hasSize(4).doesNotContain(new Receipt.Accepted("003000000000009AAA"));
            assertThat(salesforce.stats().contacts()).isEqualTo(4);
        }
    }

    @Test
    void a_call_that_is_refused_as_a_whole_is_halved_down_to_the_one_that_is_meant() throws Exception {
        try (CrmStation station = station()) {
            station.sink.prepare();
            salesforce.answer(400, "JSON_PARSER_ERROR", "what?");
            salesforce.answer(300, Map.of(), "[\"/services/data/v62.0/sobjects/Contact/003000000000001AAA\"]");
            salesforce.answer(300, Map.of(), "[\"/services/data/v62.0/sobjects/Contact/003000000000001AAA\"]");
            List<Receipt> receipts = station.send(deliveries(1, 4));

            assertThat(refusal(receipts.get(0)).why().httpStatus()).isEqualTo(300);
            assertThat(accepted(receipts)).hasSize(3);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "Jtl_Contact_Id__c, , , 'has no field Jtl_Contact_Id__c', External ID",
        "Jtl_Contact_Id__c, string false true true, , is not both External ID and Unique, tick both",
        "Jtl_Contact_Id__c, string true false true, , is not both External ID and Unique, tick both",
        "Jtl_Customer_Id__c, , , Jtl_Customer_Id__c does not exist, take it out of mapping/salesforce.yaml",
        "Fax, string false false false, , Fax cannot be written by the API user, the right to edit it",
        "Jtl_Gone__c, boolean false false true, FLAG, Jtl_Gone__c takes no text, use a text field",
    })
    void what_does_not_fit_the_mapping_is_found_at_the_start_and_said_with_the_remedy(
            String name, String field, Gone gone, String trouble, String remedy) throws Exception {
        String[] parts = field == null ? null : field.split(" ");
        restart(SalesforceOptions.standard().withField(name, parts == null ? null
                : new Field(parts[0], parts[1].equals("true"), parts[2].equals("true"), parts[3].equals("true"))));
        try (CrmStation station = station(gone == null ? Gone.KEEP : gone)) {
            assertThatThrownBy(station.sink::prepare).isInstanceOf(OutageException.class)
                    .hasMessageContainingAll(trouble, remedy);
        }
    }

    @Test
    void what_jtl_has_no_longer_is_deleted_also_when_somebody_has_done_so_already() throws Exception {
        try (CrmStation station = station(Gone.DELETE)) {
            String id = ((Receipt.Accepted) station.send(deliveries(1, 1)).get(0)).remoteId();
            Delivery gone = withRemoteId(deliveries(1, 1).get(0), id);

            assertThat(station.send(List.of(gone))).containsExactly(new Receipt.Accepted(null));
            assertThat(salesforce.records()).isEmpty();
            assertThat(station.send(List.of(gone))).containsExactly(new Receipt.Accepted(null));
        }
    }

    @ParameterizedTest
    @EnumSource(value = Gone.class, names = {"DELETE", "FLAG"})
    void a_contact_whose_record_was_never_told_is_found_by_its_key_and_taken_back(Gone wish) throws Exception {
        try (CrmStation station = station(wish)) {
            station.send(deliveries(1, 2));
            Delivery lost = withRemoteId(deliveries(1, 1).get(0), null);
            Delivery never = withRemoteId(deliveries(3, 3).get(0), null);

            assertThat(station.send(List.of(lost, never))).containsOnly(new Receipt.Accepted(null));
            assertThat(salesforce.records().values()).filteredOn(record -> !record.containsKey("Jtl_Gone__c"))
                    .singleElement().satisfies(record -> assertThat(record).containsEntry("LastName", "Name 2"));
            assertThat(salesforce.records()).hasSize(wish == Gone.DELETE ? 1 : 2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "[]", "", "{\"totalSize\":1,\"records\":[]}", "{\"totalSize\":0,\"records\":[{}]}", "<html></html>"})
    void what_tells_nothing_of_a_record_is_not_taken_for_there_is_none(String body) throws Exception {
        try (CrmStation station = station(Gone.DELETE)) {
            station.send(deliveries(1, 1));
            salesforce.answer(200, Map.of(), body);

            assertThat(station.send(List.of(withRemoteId(deliveries(1, 1).get(0), null))))
                    .containsExactly(new Receipt.Unsent());
            assertThat(station.breakers.outages()).singleElement().satisfies(outage -> assertThat(outage.reason())
                    .contains("does not say whether it has a contact", "contacts.crm.api-version"));
            assertThat(salesforce.stats().contacts()).isEqualTo(1);
        }
    }

    @Test
    void a_deletion_that_is_refused_is_told_with_what_can_be_done() throws Exception {
        try (CrmStation station = station(Gone.DELETE)) {
            String id = ((Receipt.Accepted) station.send(deliveries(1, 1)).get(0)).remoteId();
            salesforce.answer(400, "DELETE_FAILED", "Your attempt to delete could not be completed");

            assertThat(refusal(station.send(List.of(withRemoteId(deliveries(1, 1).get(0), id))).get(0)).why().errorMessage())
                    .contains("attempt to delete", "JTL has it no longer", "replay").doesNotContain("once it has changed");
        }
    }

    @Test
    void it_is_flagged_where_that_is_wanted_and_the_flag_cleared_when_it_is_back() throws Exception {
        try (CrmStation station = station(Gone.FLAG)) {
            String id = ((Receipt.Accepted) station.send(deliveries(1, 1)).get(0)).remoteId();

            assertThat(station.send(List.of(withRemoteId(deliveries(1, 1).get(0), id))))
                    .containsExactly(new Receipt.Accepted(null));
            assertThat(salesforce.records().get(id)).containsEntry("Jtl_Gone__c", "yes").containsKey("LastName");

            assertThat(station.send(deliveries(1, 1))).containsExactly(new Receipt.Accepted(id));
            assertThat(salesforce.records().get(id)).doesNotContainKey("Jtl_Gone__c");
        }
    }

    @Test
    void a_contact_belongs_to_the_account_of_its_customer_and_is_sent_without_where_there_is_none() throws Exception {
        List<Delivery> deliveries = deliveries(1, 4);
        List.of(0, 1, 3).forEach(i -> salesforce.createAccount(Mapping.companyId(deliveries.get(i))));
        try (CrmStation station = station(Gone.KEEP, Company.LINK)) {
            List<Receipt> receipts = station.send(deliveries);

            assertThat(accepted(receipts)).hasSize(3);
            Receipt.Unlinked unlinked = (Receipt.Unlinked) receipts.get(2);
            assertThat(unlinked.why().errorMessage()).contains("no account whose Jtl_Customer_Id__c");
            assertThat(salesforce.records()).hasSize(4);
            assertThat(salesforce.records().get(unlinked.remoteId())).containsEntry("LastName", "Name 3")
                    .doesNotContainKey("AccountId");
            assertThat(salesforce.records().values()).filteredOn(record -> record.containsKey("AccountId")).hasSize(3)
                    .extracting(record -> record.get("AccountId")).doesNotHaveDuplicates();
            assertThat(salesforce.stats().upserts()).isEqualTo(2);
            assertThat(station.breakers.outages()).isEmpty();
        }
    }

    @Test
    void a_mapping_that_does_not_say_which_account_is_whose_is_told() {
        Mapping mapping = MappingFile.parse("m.yaml", "key: k\ndefault-country: DE\nfields: {LastName: {from: lastName}}\n");
        SalesforceSettings none = new SalesforceSettings("v62.0", "Contact", Company.NONE, null);
        none.check(mapping);
        assertThatThrownBy(() -> new SalesforceSettings("v62.0", "Contact", Company.LINK, null).check(mapping))
                .isInstanceOf(MappingException.class).hasMessageContaining("add company-key");
    }

    @Test
    void a_page_of_404_is_not_taken_for_a_record_that_is_gone() throws Exception {
        try (CrmStation station = station(Gone.DELETE)) {
            String id = ((Receipt.Accepted) station.send(deliveries(1, 1)).get(0)).remoteId();
            salesforce.answer(404, Map.of(), "<html>no such site</html>");

            assertThat(station.send(List.of(withRemoteId(deliveries(1, 1).get(0), id))))
                    .containsExactly(new Receipt.Unsent());
            assertThat(salesforce.records()).containsOnlyKeys(id);
        }
    }
}
