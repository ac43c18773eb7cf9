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
import de.contactsync.model.DeliveryBatch;
import de.contactsync.model.DeliveryReport;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Outcome;
import de.contactsync.resilience.Outage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A contact whose call is answered as if all were forbidden, as by a firewall that takes offence at it. One halted the
 * sink, was the first again after each start, and left others pending for good.
 */
class RestPoisonTest {

    private static final Reply FORBIDDEN = Reply.of(403, "{\"message\": \"no\"}");

    enum Kind {
        SINGLE("""
            contacts.crm.rest.mode=single
            contacts.crm.rest.key={contactId}
            contacts.crm.rest.write=PATCH /api/data/v9.2/contacts(jtl_contactid='{key}')
            contacts.crm.rest.headers=OData-Version: 4.0
            contacts.crm.rest.delete=DELETE /api/data/v9.2/contacts(jtl_contactid='{key}')
            """, "jtl_contactid", "lastname: {from: lastName}\n") {
            @Override
            RestCrmServer.Api api() {
                return new RestApiFixture.Dataverse();
            }
        },
        BATCH("""
            contacts.crm.rest.auth=header
            contacts.crm.rest.auth-header=Authorization: Zoho-oauthtoken {token}
            contacts.crm.rest.mode=batch
            contacts.crm.rest.key={contactId}
            contacts.crm.rest.write=POST /crm/v8/Contacts/upsert {"data": "{records}", "duplicate_check_fields": ["JTL_Contact_Id"]}
            contacts.crm.rest.results=/data
            contacts.crm.rest.success=/status=success
            contacts.crm.rest.id=/details/id
            """, "JTL_Contact_Id", "Email: {from: emailAddress}\nLast_Name: {from: lastName}\n") {
            @Override
            RestCrmServer.Api api() {
                return new RestApiFixture.Zoho();
            }
        };

        private final String properties;
        private final String key;
        private final String fields;

        Kind(String properties, String key, String fields) {
            this.properties = "contacts.crm.token=rest-s3cr3t-t0ken\n" + properties;
            this.key = key;
            this.fields = fields;
        }

        abstract RestCrmServer.Api api();
    }

    @TempDir
    Path folder;

    private RestCrmFixture station(RestCrmServer crm, Kind kind) throws Exception {
        return new RestCrmFixture(folder, crm, kind.key, kind.fields, kind.properties);
    }

    private static DeliveryReport send(RestCrmFixture station, List<Delivery> deliveries) {
        return station.sink.send(new DeliveryBatch(
                deliveries, System.nanoTime() + Duration.ofMinutes(1).toNanos()));
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void one_that_is_answered_403_is_set_aside_and_a_dead_letter_once_others_got_through(Kind kind) throws Exception {
        try (RestCrmServer crm = new RestCrmServer(kind.api());
                RestCrmFixture station = station(crm, kind)) {
            crm.always(id(7), FORBIDDEN);
            DeliveryReport first = send(station, deliveries(1, 60));

            assertThat(accepted(first.receipts())).hasSize(59);
            assertThat(station.breakers.outages()).isEmpty();

            // A batch shows it by itself, since it is halved.
            DeliveryResult result = kind == Kind.BATCH
                    ? first.receipts().get(6)
                    : send(station, List.copyOf(first.setAside())).receipts().get(0);
            assertThat(refusal(result).why().errorMessage()).contains("HTTP 403", "this is about the contact");
            assertThat(station.breakers.outages()).isEmpty();
        }
    }

    /** Behind it nobody was sent who could show that the CRM takes others. */
    @Test
    void the_last_of_all_is_a_dead_letter_as_well() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(Kind.SINGLE.api());
                RestCrmFixture station = station(crm, Kind.SINGLE)) {
            crm.always(id(60), Reply.of(403, "{\"code\": \"BLOCKED\", \"message\": \"no\"}"));
            assertThat(accepted(station.send(deliveries(1, 60)))).hasSize(59);
            assertThat(crm.calls()).as("and one that shows it").hasSize(61);
            Outcome.Failed why =
                    refusal(station.send(deliveries(60, 60)).get(0)).why();
            assertThat(why.httpStatus()).isEqualTo(403);
            assertThat(why.errorCode()).isEqualTo("BLOCKED");
        }
    }

    /** All were held up, for an hour each time. */
    @ParameterizedTest
    @CsvSource({"SINGLE, 1", "SINGLE, 7", "BATCH, 1", "BATCH, 7"})
    void one_that_is_answered_401_is_a_dead_letter_once_others_got_through(Kind kind, int which) throws Exception {
        try (RestCrmServer crm = new RestCrmServer(kind.api());
                RestCrmFixture station = station(crm, kind)) {
            crm.always(id(which), Reply.of(401, "{\"message\": \"not with this token\"}"));
            DeliveryReport first = send(station, deliveries(1, 60));
            assertThat(accepted(first.receipts())).hasSize(59);
            assertThat(station.breakers.outages()).isEmpty();

            DeliveryResult result = first.setAside().isEmpty()
                    ? first.receipts().get(which - 1)
                    : send(station, List.copyOf(first.setAside())).receipts().get(0);
            assertThat(refusal(result).why().errorMessage()).contains("HTTP 401", "this is about the contact");
            assertThat(station.breakers.outages()).isEmpty();
        }
    }

    @Test
    void a_401_for_one_contact_renews_the_token_once_and_stops_no_other() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(Kind.SINGLE.api());
                RestCrmFixture station =
                        new RestCrmFixture(folder, crm, Kind.SINGLE.key, Kind.SINGLE.fields, """
                        contacts.crm.oauth.token-endpoint=%s
                        contacts.crm.oauth.client-id=crm-client
                        contacts.crm.oauth.client-secret=crm-s3cr3t
                        contacts.crm.rest.auth=oauth
                        %s""".formatted(
                                        crm.tokenEndpoint(),
                                        Kind.SINGLE.properties.substring(Kind.SINGLE.properties.indexOf('\n') + 1)))) {
            crm.always(id(7), Reply.of(401, "{}"));
            DeliveryReport first = send(station, deliveries(1, 60));
            assertThat(accepted(first.receipts())).hasSize(59);
            send(station, List.copyOf(first.setAside()));

            assertThat(crm.tokensAsked()).isEqualTo(2);
            assertThat(station.breakers.outages()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void a_token_that_is_wrong_for_all_shows_in_few_calls(Kind kind) throws Exception {
        try (RestCrmServer crm = new RestCrmServer(kind.api());
                RestCrmFixture station = station(crm, kind)) {
            crm.always("", Reply.of(401, "{}"));
            assertThat(station.send(deliveries(1, 60))).containsOnly(new DeliveryResult.Unsent());
            assertThat(station.breakers.outages())
                    .singleElement()
                    .satisfies(outage -> assertThat(outage.kind()).isEqualTo(Outage.Kind.REFUSAL));
            assertThat(crm.calls()).hasSize(3);
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void a_page_in_place_of_an_answer_is_about_one_contact_where_others_get_theirs(Kind kind) throws Exception {
        try (RestCrmServer crm = new RestCrmServer(kind.api());
                RestCrmFixture station = station(crm, kind)) {
            crm.always(id(1), Reply.raw(200, "text/html", "<html>Sign in</html>"));
            assertThat(accepted(station.send(deliveries(1, 60)))).hasSize(59);
            assertThat(refusal(station.send(deliveries(1, 1)).get(0)).why().errorMessage())
                    .contains("text/html");
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void where_all_are_forbidden_few_calls_are_made_and_unsent_ones_count_no_try(Kind kind) throws Exception {
        try (RestCrmServer crm = new RestCrmServer(kind.api());
                RestCrmFixture station = station(crm, kind)) {
            crm.always("/", FORBIDDEN);
            DeliveryReport report = send(station, deliveries(1, 60));

            assertThat(report.receipts()).allMatch(DeliveryResult.Unsent.class::isInstance);
            assertThat(outage(station).kind()).isEqualTo(Outage.Kind.REFUSAL);
            assertThat(outage(station).reason()).contains("HTTP 403");
            assertThat(crm.calls()).hasSizeLessThanOrEqualTo(10);
            if (kind == Kind.SINGLE) {
                assertThat(report.receipts())
                        .filteredOn(new DeliveryResult.Unsent(false)::equals)
                        .hasSizeGreaterThanOrEqualTo(50);
            }
        }
    }

    /** It was the first again after each start, since all had been charged the same. */
    @ParameterizedTest
    @EnumSource(Kind.class)
    void a_contact_tried_by_another_process_is_dead_lettered_once_others_pass(Kind kind) throws Exception {
        try (RestCrmServer crm = new RestCrmServer(kind.api());
                RestCrmFixture station = station(crm, kind)) {
            crm.always(id(7), FORBIDDEN);
            assertThat(accepted(station.send(deliveries(10, 20)))).hasSize(11);
            assertThat(refusal(station.send(tried(7)).get(0)).why().httpStatus())
                    .isEqualTo(403);
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void a_single_failing_contact_halts_while_no_other_shows_whose_fault_it_is(Kind kind) throws Exception {
        try (RestCrmServer crm = new RestCrmServer(kind.api());
                RestCrmFixture station = station(crm, kind)) {
            crm.always(id(7), FORBIDDEN);
            assertThat(station.send(tried(7))).containsOnly(new DeliveryResult.Unsent());
            assertThat(outage(station).kind()).isEqualTo(Outage.Kind.REFUSAL);
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void rights_that_are_withdrawn_halfway_make_no_dead_letters(Kind kind) throws Exception {
        try (RestCrmServer crm = new RestCrmServer(kind.api());
                RestCrmFixture station = station(crm, kind)) {
            assertThat(accepted(station.send(deliveries(1, 30)))).hasSize(30);
            crm.always("/", FORBIDDEN);
            List<Delivery> tried = IntStream.rangeClosed(31, 60)
                    .mapToObj(RestPoisonTest::tried)
                    .flatMap(List::stream)
                    .toList();
            assertThat(station.send(tried)).containsOnly(new DeliveryResult.Unsent());
            assertThat(outage(station).kind()).isEqualTo(Outage.Kind.REFUSAL);
        }
    }

    /** What it was answered then made it a dead letter at the first try. */
    @ParameterizedTest
    @EnumSource(Kind.class)
    void one_that_was_a_dead_letter_long_ago_is_none_again_where_all_are_forbidden(Kind kind) throws Exception {
        try (RestCrmServer crm = new RestCrmServer(kind.api());
                RestCrmFixture station = station(crm, kind)) {
            crm.always(id(7), FORBIDDEN);
            DeliveryReport first = send(station, deliveries(1, 60));
            DeliveryResult result = kind == Kind.BATCH
                    ? first.receipts().get(6)
                    : send(station, List.copyOf(first.setAside())).receipts().get(0);
            assertThat(refusal(result).why().httpStatus()).isEqualTo(403);

            crm.always("/", FORBIDDEN);
            assertThat(station.send(deliveries(7, 7))).containsOnly(new DeliveryResult.Unsent());
            assertThat(outage(station).kind()).isEqualTo(Outage.Kind.REFUSAL);
        }
    }

    /** That the one which had just been taken was forbidden as well was noticed where contacts go in batches only. */
    @Test
    void rights_that_are_withdrawn_between_two_contacts_make_no_dead_letter_of_the_second() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(Kind.SINGLE.api());
                RestCrmFixture station = station(crm, Kind.SINGLE)) {
            crm.always(id(7), FORBIDDEN);
            assertThat(accepted(station.send(
                            List.of(deliveries(1, 1).get(0), deliveries(7, 7).get(0)))))
                    .hasSize(1);
            crm.plan(Reply.of(204, null));
            crm.plan(FORBIDDEN);
            crm.plan(FORBIDDEN);

            assertThat(station.send(
                            List.of(deliveries(2, 2).get(0), deliveries(7, 7).get(0))))
                    .containsExactly(new DeliveryResult.Accepted(null), new DeliveryResult.Unsent());
        }
    }

    @ParameterizedTest
    @Tag("slow")
    @ValueSource(ints = {1, 25, 52})
    void nine_neighbours_of_sixty_are_dead_letters_and_all_others_get_through(int from) throws Exception {
        for (Kind kind : Kind.values()) {
            try (RestCrmServer crm = new RestCrmServer(kind.api());
                    RestCrmFixture station = station(crm, kind)) {
                IntStream.range(from, from + 9).forEach(number -> crm.always(id(number), FORBIDDEN));
                List<DeliveryResult> open = new ArrayList<>(station.send(deliveries(1, 60)));
                assertThat(accepted(open)).as(kind.name()).hasSize(51);
                List<DeliveryResult> again = station.send(IntStream.rangeClosed(1, 60)
                        .filter(number -> open.get(number - 1) instanceof DeliveryResult.Unsent)
                        .mapToObj(number -> delivery(number, "c@example.org", "Name"))
                        .toList());
                open.removeIf(result -> !(result instanceof DeliveryResult.Refused));
                assertThat(Stream.concat(open.stream(), again.stream()).toList())
                        .as(kind.name())
                        .hasSize(9)
                        .allMatch(DeliveryResult.Refused.class::isInstance);
                assertThat(station.breakers.outages()).isEmpty();
            }
        }
    }

    /** Nine of sixty were pending for good where nobody came behind them, and else took over two minutes. */
    @ParameterizedTest
    @Tag("slow")
    @ValueSource(ints = {1, 52})
    void nine_that_the_crm_fails_on_are_dead_letters_and_all_others_get_through(int from) throws Exception {
        try (RestCrmServer crm = new RestCrmServer(Kind.BATCH.api());
                RestCrmFixture station = station(crm, Kind.BATCH)) {
            IntStream.range(from, from + 9)
                    .forEach(number -> crm.always(id(number), Reply.of(500, "{\"message\": \"no\"}")));
            assertThat(accepted(station.send(deliveries(1, 60)))).hasSize(51);
            assertThat(station.send(deliveries(from, from + 8)))
                    .hasSize(9)
                    .allMatch(DeliveryResult.Refused.class::isInstance);
            assertThat(station.breakers.outages()).isEmpty();
            assertThat(crm.calls()).hasSizeLessThanOrEqualTo(80);
        }
    }

    @Test
    void a_removal_that_is_answered_403_keeps_no_other_from_being_done() throws Exception {
        try (RestCrmServer crm = new RestCrmServer(new RestApiFixture.Dataverse());
                RestCrmFixture station = new RestCrmFixture(
                        folder,
                        crm,
                        Kind.SINGLE.key,
                        Kind.SINGLE.fields,
                        Kind.SINGLE.properties + "contacts.on-gone=delete\n")) {
            station.send(deliveries(1, 10));
            crm.always(id(3), FORBIDDEN);
            List<Delivery> gone = IntStream.rangeClosed(1, 10)
                    .mapToObj(number -> gone(number, null))
                    .toList();
            DeliveryReport report = send(station, gone);
            assertThat(accepted(report.receipts())).hasSize(9);
            assertThat(report.setAside()).hasSize(1);
            assertThat(refusal(station.send(List.of(gone.get(2))).get(0)).why().httpStatus())
                    .isEqualTo(403);
        }
    }

    /** By another process. */
    private static List<Delivery> tried(int number) {
        Delivery now = delivery(number, "c@example.org", "Name");
        return List.of(new Delivery(now.key(), now.contact(), now.hash(), null, false, false, false, 1));
    }
}
