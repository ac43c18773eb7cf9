package de.contactsync.crm.salesforce;

import static de.contactsync.crm.CrmFixture.deliveries;
import static de.contactsync.crm.CrmFixture.delivery;
import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.crm.CrmFixture;
import de.contactsync.crm.CrmSettings.Gone;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import de.contactsync.resilience.Outage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What Salesforce answers when something is wrong, and whom that may cost what. */
class SalesforceTroubleTest extends SalesforceFixture {

    @Test
    void what_others_are_at_work_on_is_sent_again_by_itself() throws Exception {
        List<Delivery> deliveries = deliveries(1, 5);
        salesforce.lock(Mapping.id(deliveries.get(2)), 3);
        try (CrmFixture station = station()) {
            assertThat(accepted(station.send(deliveries))).hasSize(5);
            assertThat(salesforce.stats().upserts()).isEqualTo(4);
            assertThat(salesforce.writes().values()).containsOnly(1);
        }
    }

    @Test
    void a_locked_record_stays_pending_without_dead_letter_and_blocks_no_other() throws Exception {
        List<Delivery> deliveries = new ArrayList<>(deliveries(1, 5));
        try (CrmFixture station = station(Gone.DELETE)) {
            String id =
                    ((DeliveryResult.Accepted) station.send(deliveries(6, 6)).get(0)).remoteId();
            for (int locked : new int[] {2, 4, 6}) {
                salesforce.lock(Mapping.id(delivery(locked, null, null)), 1_000);
            }
            deliveries.add(withRemoteId(deliveries(6, 6).get(0), id));
            List<DeliveryResult> receipts = station.send(deliveries);

            assertThat(accepted(receipts)).hasSize(3);
            assertThat(List.of(receipts.get(1), receipts.get(3), receipts.get(5)))
                    .containsOnly(new DeliveryResult.Unsent());
            assertThat(station.breakers.outages()).isEmpty();
        }
    }

    @Test
    void while_all_is_locked_nothing_is_refused_and_in_the_end_it_counts_as_away() throws Exception {
        deliveries(1, 40).forEach(delivery -> salesforce.lock(Mapping.id(delivery), 1_000));
        try (CrmFixture station = station()) {
            assertThat(station.send(deliveries(1, 40))).containsOnly(new DeliveryResult.Unsent());
            assertThat(station.breakers.outages())
                    .singleElement()
                    .satisfies(outage -> assertThat(outage.kind()).isEqualTo(Outage.Kind.PASSING));
        }
    }

    @Test
    void a_contact_that_salesforce_fails_on_fails_no_other() throws Exception {
        salesforce.fail(Mapping.id(delivery(4, null, null)));
        try (CrmFixture station = station()) {
            List<DeliveryResult> receipts = station.send(deliveries(1, 100));

            assertThat(accepted(receipts)).hasSize(99);
            assertThat(receipts.get(3)).isEqualTo(new DeliveryResult.Unsent());
            Outcome.Failed why = refusal(station.send(deliveries(4, 4)).get(0)).why();
            assertThat(why.reason()).isEqualTo(Reason.RETRIES_EXHAUSTED);
            assertThat(why.errorMessage()).contains("Salesforce fails on the contact");
            assertThat(station.breakers.outages()).isEmpty();
        }
    }

    /** It halted all, and came first again at each start. */
    @ParameterizedTest
    @ValueSource(ints = {403, 404, 302})
    void one_answer_that_forbids_everything_fails_no_other_contact(int status) throws Exception {
        salesforce.fail(Mapping.id(delivery(60, null, null)), status);
        try (CrmFixture station = station()) {
            List<DeliveryResult> receipts = station.send(deliveries(1, 60));

            assertThat(accepted(receipts)).hasSize(59);
            assertThat(refusal(receipts.get(59)).why().errorMessage())
                    .contains("HTTP " + status, "this is about the contact");
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
        try (CrmFixture station = station()) {
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
            int status, String code, String message, Outage.Kind kind, String expected) throws Exception {
        try (CrmFixture station = station()) {
            station.sink.prepare();
            salesforce.answer(status, code, message);

            assertThat(station.send(deliveries(1, 1))).containsOnly(new DeliveryResult.Unsent());
            assertThat(station.breakers.outages()).singleElement().satisfies(outage -> {
                assertThat(outage.kind()).isEqualTo(kind);
                assertThat(outage.scope()).isEqualTo(Outage.Scope.SINK);
                assertThat(outage.reason()).contains(expected);
            });
            assertThat(salesforce.stats().contacts()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"INVALID_FIELD", "INVALID_FIELD_FOR_INSERT_UPDATE", "INVALID_TYPE"})
    void what_one_record_says_of_the_fields_is_about_it_alone_once_another_is_written(String code) throws Exception {
        String bad = "{\"success\":false,\"errors\":[{\"statusCode\":\"" + code + "\",\"message\":\"no\","
                + "\"fields\":[\"Fax\"]}]}";
        try (CrmFixture station = station()) {
            station.sink.prepare();
            salesforce.answer(
                    200, Map.of(), "[" + bad + ",{\"success\":true,\"id\":\"003000000000001AAA\",\"errors\":[]}]");
            List<DeliveryResult> receipts = station.send(deliveries(1, 2));

            assertThat(refusal(receipts.get(0)).why().errorCode()).isEqualTo(code);
            assertThat(receipts.get(1)).isInstanceOf(DeliveryResult.Accepted.class);
            assertThat(station.breakers.outages()).isEmpty();

            salesforce.answer(200, Map.of(), "[" + bad + "," + bad + "]");
            assertThat(station.send(deliveries(1, 2))).containsOnly(new DeliveryResult.Unsent());
            assertThat(station.breakers.outages())
                    .singleElement()
                    .satisfies(outage ->
                            assertThat(outage.reason()).contains(code, "(field Fax)", "as the mapping has them"));
        }
    }

    @Test
    void a_record_that_says_so_of_all_ends_the_batch_too() throws Exception {
        try (CrmFixture station = station()) {
            station.sink.prepare();
            salesforce.answer(200, Map.of(), """
                [{"success":true,"id":"003000000000001AAA","errors":[]},
                 {"success":false,"errors":[{"statusCode":"STORAGE_LIMIT_EXCEEDED","message":"full","fields":[]}]}]
                """);

            assertThat(station.send(deliveries(1, 2))).containsOnly(new DeliveryResult.Unsent());
            assertThat(station.breakers.outages())
                    .singleElement()
                    .satisfies(outage -> assertThat(outage.reason())
                            .contains("STORAGE_LIMIT_EXCEEDED", "administrator")
                            .doesNotContain("mapping/"));
        }
    }

    @Test
    void an_answer_of_200_that_is_a_page_is_no_success() throws Exception {
        try (CrmFixture station = station()) {
            station.sink.prepare();
            salesforce.answer(200, Map.of(), "<html></html>");

            assertThat(station.send(deliveries(1, 1))).containsOnly(new DeliveryResult.Unsent());
            assertThat(station.breakers.outages())
                    .singleElement()
                    .satisfies(outage -> assertThat(outage.reason())
                            .contains("HTTP 200", "nothing counts as delivered", "contacts.crm.base-url"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "[]", "", "{\"status\":\"ok\"}"})
    void an_answer_of_200_without_a_record_is_not_a_success(String body) throws Exception {
        try (CrmFixture station = station()) {
            station.sink.prepare();
            salesforce.answer(200, Map.of(), body);

            assertThat(station.send(deliveries(1, 1))).containsOnly(new DeliveryResult.Unsent());
            assertThat(station.breakers.outages())
                    .singleElement()
                    .satisfies(outage -> assertThat(outage.reason())
                            .contains("does not say of each contact whether it was written"));
        }
    }

    @Test
    void where_results_are_missing_none_is_believed_and_all_are_sent_again() throws Exception {
        try (CrmFixture station = station()) {
            station.sink.prepare();
            salesforce.answer(200, Map.of(), """
                [{"success":true,"id":"003000000000009AAA","errors":[]}]
                """);
            List<DeliveryResult> receipts = station.send(deliveries(1, 4));

            assertThat(accepted(receipts)).hasSize(4).doesNotContain(new DeliveryResult.Accepted("003000000000009AAA"));
            assertThat(salesforce.stats().contacts()).isEqualTo(4);
        }
    }

    @Test
    void a_call_that_is_refused_as_a_whole_is_halved_down_to_the_one_that_is_meant() throws Exception {
        try (CrmFixture station = station()) {
            station.sink.prepare();
            salesforce.answer(400, "JSON_PARSER_ERROR", "what?");
            salesforce.answer(400, "JSON_PARSER_ERROR", "what?");
            salesforce.answer(400, "JSON_PARSER_ERROR", "what?");
            salesforce.answer(300, Map.of(), "[\"/services/data/v62.0/sobjects/Contact/003000000000001AAA\"]");
            List<DeliveryResult> receipts = station.send(deliveries(1, 4));

            assertThat(refusal(receipts.get(0)).why().httpStatus()).isEqualTo(300);
            assertThat(accepted(receipts)).hasSize(3);
        }
    }
}
