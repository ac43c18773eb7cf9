package de.contactsync.app;

import static de.contactsync.app.RestCrmFixture.accepted;
import static de.contactsync.app.RestCrmFixture.deliveries;
import static de.contactsync.app.RestCrmFixture.delivery;
import static de.contactsync.app.RestCrmFixture.gone;
import static de.contactsync.app.RestCrmFixture.id;
import static de.contactsync.app.RestCrmFixture.outage;
import static de.contactsync.app.RestCrmFixture.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.crm.rest.RestApiFixture;
import de.contactsync.crm.rest.RestCrmServer;
import de.contactsync.crm.rest.RestCrmServer.Reply;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import de.contactsync.resilience.Outage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a CRM refuses: for one record, for all of them, or for now. */
class RestRefusalTest {

    @TempDir
    Path folder;

    private RestCrmFixture dataverse(RestCrmServer crm, String more) throws Exception {
        return RestCrmFixture.dataverse(folder, crm, more);
    }

    /** A constant that the CRM has no option for would have made a dead letter of the whole stock. */
    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void the_first_ones_that_are_all_refused_in_the_same_words_halt_without_dead_letters(int inFlight)
            throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Dataverse());
                RestCrmFixture station = dataverse(crm, "contacts.crm.rest.in-flight=" + inFlight + "\n")) {
            crm.always(
                    "PATCH",
                    Reply.of(400, "{\"code\": \"BAD_OPTION\", \"message\": \"Vertrieb is no kind of anybody\"}"));
            assertThat(station.send(deliveries(1, 12))).containsOnly(new DeliveryResult.Unsent());
            assertThat(outage(station).kind()).isEqualTo(Outage.Kind.SETTINGS);
            assertThat(outage(station).reason())
                    .contains("All of the first 12 contacts", "BAD_OPTION", "Vertrieb is no kind", "mapping");

            // One of them shows whether it has been mended.
            int before = crm.calls().size();
            station.later.addAndGet(Duration.ofMinutes(30).toNanos());
            assertThat(station.send(deliveries(1, 12))).containsOnly(new DeliveryResult.Unsent());
            assertThat(crm.calls()).hasSize(before + 1);
            crm.forget("PATCH");
            station.later.addAndGet(Duration.ofMinutes(30).toNanos());
            assertThat(accepted(station.send(deliveries(1, 12)))).hasSize(12);
        }
    }

    /** Each was another reason, since no two messages were equal, and the whole stock became dead letters. */
    @Test
    void ids_and_values_in_the_words_of_a_refusal_do_not_make_it_another() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Dataverse());
                RestCrmFixture station = dataverse(crm, "")) {
            for (int number = 1; number <= 12; number++) {
                crm.always(id(number), Reply.of(400, """
                        {"message": "Request %s: value \\"%s\\" of 'kind' is not allowed (row %d, %s, req_%dab)"}
                        """.formatted(
                        new UUID(number, 7), "x" + number, number, "2026-11-29T06:00:0" + number % 10, number)));
            }
            assertThat(station.send(deliveries(1, 12))).containsOnly(new DeliveryResult.Unsent());
            assertThat(outage(station).reason()).contains("All of the first 12 contacts", "is not allowed");
        }
    }

    @Test
    void fields_of_the_mapping_in_the_words_of_refusals_make_them_different() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Dataverse());
                RestCrmFixture station = dataverse(crm, "")) {
            for (int number = 1; number <= 12; number++) {
                crm.always(
                        id(number),
                        Reply.of(
                                400,
                                "{\"message\": \"'%s' has a bad value\"}"
                                        .formatted(number % 2 == 0 ? "lastname" : "emailaddress1")));
            }
            assertThat(station.send(deliveries(1, 12))).hasOnlyElementsOfType(DeliveryResult.Refused.class);
            assertThat(station.breakers.outages()).isEmpty();
        }
    }

    @Test
    void what_small_batches_are_refused_for_adds_up() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Dataverse());
                RestCrmFixture station = dataverse(crm, "")) {
            crm.always("PATCH", Reply.of(422, null));
            assertThat(station.send(deliveries(1, 6))).hasOnlyElementsOfType(DeliveryResult.Refused.class);
            assertThat(station.send(deliveries(7, 12))).containsOnly(new DeliveryResult.Unsent());
            assertThat(outage(station).reason())
                    .contains("All of the first 12 contacts", "HTTP 422")
                    .doesNotContain("none became");
        }
    }

    @Test
    @Tag("slow")
    void refusals_for_several_reasons_or_conflicts_are_dead_letters_as_ever() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Dataverse());
                RestCrmFixture station = dataverse(crm, "")) {
            crm.always(id(3), Reply.of(400, "{\"message\": \"another\"}"));
            crm.always("PATCH", Reply.of(400, "{\"message\": \"one\"}"));
            assertThat(station.send(deliveries(1, 12))).hasOnlyElementsOfType(DeliveryResult.Refused.class);

            crm.forget("PATCH");
            crm.forget(id(3));
            crm.always("PATCH", Reply.of(409, "{\"message\": \"the address is taken\"}"));
            assertThat(station.send(deliveries(1, 12))).hasOnlyElementsOfType(DeliveryResult.Refused.class);
            assertThat(station.breakers.outages()).isEmpty();
        }
    }

    private RestCrmFixture jsonRpc(RestCrmServer crm, String more) throws Exception {
        return RestCrmFixture.jsonRpc(folder, crm, more);
    }

    @Test
    void an_error_code_that_quotes_the_contact_is_kept_without_it() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Dataverse());
                RestCrmFixture station = dataverse(crm, "")) {
            crm.plan(Reply.of(400, "{\"code\": \"BAD:c1@example.org\"}"));
            assertThat(refusal(station.send(deliveries(1, 1)).get(0)).why().errorCode())
                    .isEqualTo("BAD:…");
        }
    }

    @Test
    void a_record_that_the_crm_fails_on_each_time_stops_no_other() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Dataverse());
                RestCrmFixture station = dataverse(crm, "contacts.on-gone=delete\n")) {
            crm.always(id(2), Reply.of(500, "{\"message\": \"no way to write c2@example.org\"}"));
            List<DeliveryResult> receipts = station.send(deliveries(1, 4));

            assertThat(accepted(receipts)).hasSize(3);
            assertThat(receipts.get(1)).isEqualTo(new DeliveryResult.Unsent());
            Outcome.Failed why = refusal(station.send(deliveries(2, 2)).get(0)).why();
            assertThat(why.reason()).isEqualTo(Reason.RETRIES_EXHAUSTED);
            assertThat(why.errorMessage())
                    .contains("fails on the contact", "HTTP 500", "no way to write …")
                    .doesNotContain("example.org");
            assertThat(station.send(gone(2, null), gone(1, null)).get(0)).isEqualTo(new DeliveryResult.Unsent());
            assertThat(refusal(station.send(gone(2, null)).get(0)).why().reason())
                    .isEqualTo(Reason.RETRIES_EXHAUSTED);
            for (int i = 0; i < 3; i++) {
                assertThat(station.send(deliveries(2, 2)))
                        .as("nothing shows that it is about this one")
                        .containsExactly(new DeliveryResult.Unsent());
            }
            assertThat(station.breakers.outages()).isEmpty();
        }
    }

    @Test
    void a_check_that_fails_is_about_no_record_and_waits_for_the_crm() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Dataverse());
                RestCrmFixture station = dataverse(crm, "contacts.crm.rest.check=GET /api/data/v9.2/WhoAmI\n")) {
            crm.always("WhoAmI", Reply.of(500, null));
            assertThat(station.send(delivery(1, "c@example.org", "Groß"))).containsExactly(new DeliveryResult.Unsent());
            assertThat(outage(station).kind()).isEqualTo(Outage.Kind.PASSING);
        }
    }

    @Test
    void a_code_that_may_pass_keeps_its_record_waiting_and_no_other() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.JsonRpc());
                RestCrmFixture station = jsonRpc(crm, "contacts.crm.rest.retry=408,5xx,LOCKED\n")) {
            crm.always(id(2), Reply.of(200, "{\"error\": {\"code\": \"LOCKED\"}}"));
            List<DeliveryResult> receipts = station.send(deliveries(1, 3));

            assertThat(accepted(receipts)).hasSize(2);
            assertThat(receipts.get(1)).isEqualTo(new DeliveryResult.Unsent());
            assertThat(station.breakers.outages()).isEmpty();
        }
    }

    private static List<Delivery> allGone(int from, int to) {
        return IntStream.rangeClosed(from, to)
                .mapToObj(number -> gone(number, null))
                .toList();
    }

    /** A user who may not delete would have made a dead letter of each contact. */
    @Test
    void removals_that_are_all_refused_for_one_reason_halt_and_others_are_still_sent() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Dataverse());
                RestCrmFixture station = dataverse(crm, "contacts.on-gone=delete\n")) {
            crm.always("DELETE", Reply.of(400, "{\"code\": \"NO_RIGHT\", \"message\": \"may not delete\"}"));
            List<Delivery> batch = new ArrayList<>(allGone(1, 15));
            batch.addAll(deliveries(21, 22));
            List<DeliveryResult> results = station.send(batch);
            assertThat(results.subList(0, 15)).containsOnly(new DeliveryResult.Unsent());
            assertThat(accepted(results)).hasSize(2);
            assertThat(outage(station).reason())
                    .contains(
                            "All of the first 10 contacts that were to be deleted",
                            "NO_RIGHT",
                            "contacts.on-gone=keep");
            assertThat(crm.lines().stream().filter(line -> line.startsWith("DELETE")))
                    .hasSize(10);

            crm.forget("DELETE");
            station.later.addAndGet(Duration.ofMinutes(61).toNanos());
            assertThat(station.send(allGone(1, 5))).containsOnly(new DeliveryResult.Absent());
        }
    }
}
