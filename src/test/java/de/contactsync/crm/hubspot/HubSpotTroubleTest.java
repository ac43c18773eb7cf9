package de.contactsync.crm.hubspot;

import static de.contactsync.crm.CrmFixture.deliveries;
import static de.contactsync.crm.CrmFixture.delivery;
import static de.contactsync.crm.CrmFixture.refusal;
import static de.contactsync.crm.CrmFixture.settings;
import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.crm.CrmFixture;
import de.contactsync.crm.CrmSettings;
import de.contactsync.crm.CrmSettings.Company;
import de.contactsync.crm.CrmSettings.Gone;
import de.contactsync.crm.hubspot.HubSpotSettings.EmailConflict;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import de.contactsync.resilience.Outage;
import de.contactsync.simulator.HubSpotOptions;
import de.contactsync.simulator.HubSpotSimulator;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What HubSpot answers when something is wrong, and whom that may cost what. */
class HubSpotTroubleTest {

    private static final String UPSERT = "/batch/upsert";

    private HubSpotSimulator hubSpot;

    @BeforeEach
    void start() {
        hubSpot = HubSpotSimulator.start(HubSpotOptions.standard());
    }

    @AfterEach
    void stop() {
        hubSpot.close();
    }

    private CrmFixture removing(Gone gone) throws Exception {
        return new CrmFixture(
                hubSpot,
                new CrmSettings(
                        new HubSpotSettings("v3", hubSpot.token(), false, EmailConflict.DEAD_LETTER, Company.NONE),
                        URI.create(hubSpot.baseUrl()),
                        gone,
                        0.05,
                        false));
    }

    private static String id(int number) {
        return Mapping.id(delivery(number, null, null));
    }

    /** Delivered, and then gone at JTL. */
    private static Delivery goneAs(int number, CrmFixture station) {
        Delivery delivery = deliveries(number, number).get(0);
        return withRemoteId(
                delivery,
                ((DeliveryResult.Accepted) station.send(List.of(delivery)).get(0)).remoteId());
    }

    private static Delivery withRemoteId(Delivery delivery, String remoteId) {
        return new Delivery(delivery.key(), delivery.contact(), null, remoteId, false);
    }

    private static long accepted(List<DeliveryResult> receipts) {
        return receipts.stream()
                .filter(DeliveryResult.Accepted.class::isInstance)
                .count();
    }

    @Test
    void when_no_contact_can_pass_only_the_property_is_named_and_no_contacts_value() throws Exception {
        try (CrmFixture station = new CrmFixture(hubSpot)) {
            station.sink.prepare();
            hubSpot.answer(
                    UPSERT,
                    400,
                    Map.of(),
                    Map.of(
                            "category",
                            "VALIDATION_ERROR",
                            "correlationId",
                            "a-b",
                            "message",
                            "Property values were not valid: [{\"message\":\"Einkauf Mueller was not one of the allowed"
                                    + " options\"},{\"message\":\"Property \\\"nick\\\" does not exist\","
                                    + "\"error\":\"PROPERTY_DOESNT_EXIST\"}]"));

            assertThat(station.send(deliveries(1, 3))).containsOnly(new DeliveryResult.Unsent());
            assertThat(station.breakers.outages())
                    .singleElement()
                    .satisfies(outage -> assertThat(outage.reason())
                            .contains("as the mapping has it", "there is no property nick", "correlation id a-b")
                            .doesNotContain("Mueller", "allowed options"));
        }
    }

    @Test
    void errors_that_name_no_contact_are_brought_down_to_the_one_they_are_about() throws Exception {
        Map<String, String> nameless = Map.of("status", "COMPLETE", "numErrors", "1");
        try (CrmFixture station = new CrmFixture(hubSpot)) {
            station.sink.prepare();
            // The batch, its halves, and the bad one alone.
            for (int call = 1; call <= 4; call++) {
                hubSpot.answer(UPSERT, 207, Map.of(), nameless);
            }
            List<DeliveryResult> receipts = station.send(deliveries(1, 4));

            assertThat(refusal(receipts.get(0)).why().httpStatus()).isEqualTo(207);
            assertThat(refusal(receipts.get(0)).why().reason()).isEqualTo(Reason.SINK_REJECTED);
            assertThat(accepted(receipts)).isEqualTo(3);
            assertThat(station.breakers.outages()).isEmpty();
        }
    }

    /** It stayed pending for ever, and each import ended with a word about settings. */
    @Test
    void a_contact_that_hubspot_says_nothing_of_is_a_dead_letter_once_others_were_taken() throws Exception {
        String nothing = "{\"status\": \"COMPLETE\", \"results\": []}";
        try (CrmFixture station = new CrmFixture(hubSpot)) {
            station.sink.prepare();
            List<Delivery> silent = deliveries(1, 1);
            for (int number = 2; number <= 3; number++) {
                hubSpot.answer(UPSERT, 200, Map.of(), nothing);
                assertThat(station.send(silent)).containsExactly(new DeliveryResult.Unsent());
                assertThat(accepted(station.send(deliveries(number, number)))).isEqualTo(1);
            }
            hubSpot.answer(UPSERT, 200, Map.of(), nothing);

            assertThat(refusal(station.send(silent).get(0)).why().errorMessage())
                    .contains("does not say whether it has written the contact");
            assertThat(station.breakers.outages()).isEmpty();
        }
    }

    @Test
    void errors_by_trace_id_cost_nobody_else_a_further_call() throws Exception {
        hubSpot.answerByTraceId();
        List<Delivery> deliveries = new ArrayList<>(deliveries(1, 100));
        for (int bad : new int[] {0, 13, 99}) {
            deliveries.set(bad, delivery(bad + 1, "no-address-" + bad, "Mustermann"));
        }
        try (CrmFixture station = new CrmFixture(hubSpot)) {
            List<DeliveryResult> receipts = station.send(deliveries);

            assertThat(accepted(receipts)).isEqualTo(97);
            assertThat(refusal(receipts.get(13)).why().httpStatus()).isEqualTo(207);
            assertThat(refusal(receipts.get(13)).why().errorMessage())
                    .contains("Email address … is invalid")
                    .doesNotContain("no-address", "Mustermann");
            assertThat(hubSpot.stats().upserts()).isEqualTo(1);
        }
    }

    @Test
    void a_contact_without_a_known_record_id_is_found_by_its_key_and_removed() throws Exception {
        try (CrmFixture station = removing(Gone.DELETE)) {
            station.send(deliveries(1, 2));
            Delivery lost = deliveries(1, 1).get(0);

            assertThat(station.send(List.of(new Delivery(lost.key(), lost.contact(), null, null, false))))
                    .containsExactly(new DeliveryResult.Accepted(null));
            assertThat(hubSpot.records().values())
                    .singleElement()
                    .satisfies(record -> assertThat(record).containsEntry("jtl_contact_id", id(2)));
        }
    }

    @Test
    void one_that_never_got_there_need_not_be_removed() throws Exception {
        try (CrmFixture station = removing(Gone.FLAG)) {
            Delivery lost = deliveries(1, 1).get(0);

            assertThat(station.send(List.of(new Delivery(lost.key(), lost.contact(), null, null, false))))
                    .containsExactly(new DeliveryResult.Absent());
            assertThat(hubSpot.records()).isEmpty();
        }
    }

    @Test
    void a_quota_that_is_spent_for_longer_than_a_batch_may_take_halts_and_is_reported() throws Exception {
        try (CrmFixture station = new CrmFixture(hubSpot)) {
            station.sink.prepare();
            hubSpot.answer(UPSERT, 429, Map.of("Retry-After", "600"), Map.of("policyName", "TEN_SECONDLY_ROLLING"));

            assertThat(station.send(deliveries(1, 3))).containsOnly(new DeliveryResult.Unsent());
            assertThat(station.breakers.outages()).singleElement().satisfies(outage -> {
                assertThat(outage.kind()).isEqualTo(Outage.Kind.PASSING);
                assertThat(outage.reason()).contains("quota of the CRM is spent");
                assertThat(outage.untilNextTry()).isBetween(Duration.ofSeconds(580), Duration.ofSeconds(600));
            });
            assertThat(hubSpot.stats().contacts()).isZero();
        }
    }

    @Test
    void a_contact_that_hubspot_fails_on_costs_no_other() throws Exception {
        hubSpot.fail(id(4));
        try (CrmFixture station = new CrmFixture(hubSpot)) {
            List<DeliveryResult> receipts = station.send(deliveries(1, 100));

            assertThat(accepted(receipts)).isEqualTo(99);
            assertThat(receipts.get(3)).isEqualTo(new DeliveryResult.Unsent());
            Outcome.Failed why = refusal(station.send(deliveries(4, 4)).get(0)).why();
            assertThat(why.reason()).isEqualTo(Reason.RETRIES_EXHAUSTED);
            assertThat(why.errorMessage()).contains("HubSpot fails on the contact");
            assertThat(station.breakers.outages()).isEmpty();
        }
    }

    /** One contact that was locked, or too slow for HubSpot's gateway, once kept 300 from being delivered. */
    @ParameterizedTest
    @ValueSource(ints = {423, 502, 503, 504})
    void a_contact_that_is_in_the_way_is_set_aside_and_given_up_once_others_got_through(int status) throws Exception {
        hubSpot.fail(id(4), status);
        try (CrmFixture station = new CrmFixture(hubSpot, Duration.ofMillis(20))) {
            List<DeliveryResult> receipts = station.send(deliveries(1, 100));

            assertThat(accepted(receipts)).isEqualTo(99);
            assertThat(receipts.get(3)).isEqualTo(new DeliveryResult.Unsent());
            assertThat(station.breakers.outages()).isEmpty();
            assertThat(station.send(deliveries(4, 4))).containsExactly(new DeliveryResult.Unsent());
            Outcome.Failed why = refusal(station.send(deliveries(4, 4)).get(0)).why();
            assertThat(why.reason()).isEqualTo(Reason.RETRIES_EXHAUSTED);
            assertThat(why.httpStatus()).isEqualTo(status);
            assertThat(station.breakers.outages()).isEmpty();
        }
    }

    /** It halted all, and came first again at each start. */
    @ParameterizedTest
    @ValueSource(ints = {403, 404, 302})
    void one_answer_that_forbids_everything_fails_no_other_contact(int status) throws Exception {
        hubSpot.fail(id(60), status);
        try (CrmFixture station = new CrmFixture(hubSpot)) {
            List<DeliveryResult> receipts = station.send(deliveries(1, 60));

            assertThat(accepted(receipts)).isEqualTo(59);
            Outcome.Failed why = refusal(receipts.get(59)).why();
            assertThat(why.httpStatus()).isEqualTo(status);
            assertThat(why.errorMessage()).contains("this is about the contact");
            assertThat(station.breakers.outages()).isEmpty();
        }
    }

    @Test
    void where_all_are_forbidden_few_calls_show_it() throws Exception {
        deliveries(1, 100).forEach(delivery -> hubSpot.fail(Mapping.id(delivery), 403));
        try (CrmFixture station = new CrmFixture(hubSpot)) {
            station.sink.prepare();
            long before = hubSpot.stats().calls();
            assertThat(station.send(deliveries(1, 100))).containsOnly(new DeliveryResult.Unsent());
            assertThat(station.breakers.outages())
                    .singleElement()
                    .satisfies(outage -> assertThat(outage.kind()).isEqualTo(Outage.Kind.REFUSAL));
            assertThat(hubSpot.stats().calls() - before).isEqualTo(6);
        }
    }

    /**
     * Ten of them were halved anew at each probe, which ends after three calls, so none was ever sent by itself again.
     */
    @Test
    @Tag("slow")
    void several_that_are_in_the_way_are_given_up_also_when_nothing_else_is_left() throws Exception {
        for (int i = 1; i <= 10; i++) {
            hubSpot.fail(id(i * 9), 504);
        }
        try (CrmFixture station = new CrmFixture(hubSpot)) {
            List<Delivery> left = deliveries(1, 100);
            int refused = 0;
            for (int pass = 0; pass < 30 && !left.isEmpty(); pass++) {
                List<DeliveryResult> receipts = station.send(left);
                refused += (int) receipts.stream()
                        .filter(DeliveryResult.Refused.class::isInstance)
                        .count();
                List<Delivery> sent = left;
                left = IntStream.range(0, sent.size())
                        .filter(i -> receipts.get(i) instanceof DeliveryResult.Unsent)
                        .mapToObj(sent::get)
                        .collect(Collectors.toCollection(ArrayList::new));
                // The least tried come first.
                Collections.rotate(left, -3);
                station.ahead.addAndGet(Duration.ofMinutes(2).toNanos());
            }
            assertThat(left).isEmpty();
            assertThat(refused).isEqualTo(10);
            assertThat(hubSpot.records()).hasSize(90);
        }
    }

    @Test
    void a_deletion_that_hubspot_fails_on_does_not_block_others() throws Exception {
        try (CrmFixture station = removing(Gone.DELETE)) {
            Delivery gone = goneAs(1, station);
            hubSpot.fail(id(1));
            List<Delivery> deliveries = new ArrayList<>(deliveries(2, 5));
            deliveries.add(gone);
            List<DeliveryResult> receipts = station.send(deliveries);

            assertThat(accepted(receipts)).isEqualTo(4);
            assertThat(receipts.get(4)).isEqualTo(new DeliveryResult.Unsent());
            assertThat(refusal(station.send(List.of(gone)).get(0)).why().reason())
                    .isEqualTo(Reason.RETRIES_EXHAUSTED);
            assertThat(hubSpot.records()).hasSize(5);
            assertThat(station.breakers.outages()).isEmpty();

            // Whose record is not known is looked for, which fails as well.
            deliveries.set(4, withRemoteId(gone, null));
            for (int i = 0; i < 2; i++) {
                for (int attempt = 1; attempt <= 3; attempt++) {
                    hubSpot.answer("/batch/read", 500, Map.of(), Map.of());
                }
                receipts = station.send(deliveries);
            }
            assertThat(refusal(receipts.get(4)).why().reason()).isEqualTo(Reason.RETRIES_EXHAUSTED);
            assertThat(station.breakers.outages()).isEmpty();
        }
    }

    @Test
    void a_page_of_404_is_not_taken_for_a_record_that_is_gone() throws Exception {
        for (Gone wish : List.of(Gone.DELETE, Gone.FLAG)) {
            try (CrmFixture station = removing(wish)) {
                Delivery gone = goneAs(1, station);
                hubSpot.answer("/" + gone.remoteId(), 404, Map.of(), Map.of("message", "no such site"));

                assertThat(station.send(List.of(gone))).containsExactly(new DeliveryResult.Unsent());
                assertThat(station.breakers.outages())
                        .singleElement()
                        .satisfies(outage -> assertThat(outage.reason()).contains("contacts.crm.base-url"));
                assertThat(hubSpot.records()).containsOnlyKeys(gone.remoteId());
            }
        }
    }

    @Test
    void a_refused_deletion_is_reported_with_the_remedy() throws Exception {
        try (CrmFixture station = removing(Gone.DELETE)) {
            Delivery gone = goneAs(1, station);
            hubSpot.answer(
                    "/" + gone.remoteId(), 400, Map.of(), Map.of("category", "VALIDATION_ERROR", "message", "on hold"));

            assertThat(refusal(station.send(List.of(gone)).get(0)).why().errorMessage())
                    .contains("on hold", "JTL has it no longer", "replay")
                    .doesNotContain("once it has changed");
        }
    }

    @Test
    void one_that_somebody_has_deleted_there_already_counts_as_removed() throws Exception {
        try (CrmFixture station = removing(Gone.DELETE)) {
            Delivery gone = goneAs(1, station);
            for (int i = 0; i < 2; i++) {
                assertThat(station.send(List.of(gone)))
                        .containsExactly(i == 0 ? new DeliveryResult.Accepted(null) : new DeliveryResult.Absent());
                assertThat(hubSpot.records()).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "200 {\"status\":\"ok\"}",
                "200 {\"results\":[]}",
                "207 {\"results\":[],\"errors\":[]}",
                "400 {\"category\":\"VALIDATION_ERROR\"}"
            })
    void an_answer_without_a_record_is_not_read_as_absence(String answer) throws Exception {
        int status = Integer.parseInt(answer.substring(0, 3));
        hubSpot.create(Map.of("email", "c2@example.org", "jtl_contact_id", "someone/else"));
        try (CrmFixture adopting = new CrmFixture(hubSpot, settings(hubSpot, EmailConflict.ADOPT, false));
                CrmFixture station = removing(Gone.DELETE)) {
            Delivery gone = withRemoteId(goneAs(1, station), null);
            hubSpot.answer("/batch/read", status, Map.of(), answer.substring(4));
            assertThat(station.send(List.of(gone))).containsExactly(new DeliveryResult.Unsent());

            hubSpot.answer("/batch/read", status, Map.of(), answer.substring(4));
            assertThat(adopting.send(deliveries(2, 2))).containsExactly(new DeliveryResult.Unsent());
            for (CrmFixture each : List.of(station, adopting)) {
                assertThat(each.breakers.outages()).singleElement().satisfies(outage -> {
                    assertThat(outage.kind()).isEqualTo(Outage.Kind.SETTINGS);
                    assertThat(outage.reason()).contains("HTTP " + status, "contacts.crm.api-version");
                });
            }
            assertThat(hubSpot.records().values())
                    .extracting(record -> record.get("jtl_contact_id"))
                    .containsExactly("someone/else", id(1));
        }
    }

    @Test
    @Tag("slow")
    void a_crm_that_accepts_no_contact_counts_as_unavailable_and_blames_none() throws Exception {
        hubSpot.fail(id(1));
        try (CrmFixture station = new CrmFixture(hubSpot)) {
            for (int i = 0; i < 20; i++) {
                assertThat(station.breakers.outages()).isEmpty();
                assertThat(station.send(deliveries(1, 1))).containsExactly(new DeliveryResult.Unsent());
            }
            assertThat(station.breakers.outages())
                    .singleElement()
                    .satisfies(outage -> assertThat(outage.reason()).contains("HTTP 500"));

            // The next that come find the way past it.
            station.ahead.addAndGet(Duration.ofMinutes(2).toNanos());
            List<DeliveryResult> receipts = station.send(deliveries(1, 30));
            assertThat(accepted(receipts)).isEqualTo(29);
            assertThat(refusal(receipts.get(0)).why().reason()).isEqualTo(Reason.RETRIES_EXHAUSTED);
            assertThat(station.breakers.outages()).isEmpty();
        }
    }

    @Test
    void when_it_fails_on_everything_no_contact_is_blamed() throws Exception {
        for (int i = 1; i <= 100; i++) {
            hubSpot.fail(id(i));
        }
        try (CrmFixture station = new CrmFixture(hubSpot)) {
            assertThat(station.send(deliveries(1, 100))).containsOnly(new DeliveryResult.Unsent());
            assertThat(station.breakers.outages()).hasSize(1);
            assertThat(hubSpot.stats().upserts()).isEqualTo(3 + 19);
        }
    }
}
