package de.contactsync.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The list of a customer's contacts, and what it has to do with the contacts one by one. */
class ListTest {

    private static final String LIST = "/v2/customers/" + TestClient.CUSTOMER + "/contacts";

    private static SimulatorOptions.Builder contacts(int count) {
        return SimulatorOptions.builder()
                .contacts(IntStream.range(0, count)
                        .mapToObj(n -> new RequestedKey(TestClient.CUSTOMER, TestClient.contact(n)))
                        .toList());
    }

    private static JsonNode list(TestClient testClient) throws Exception {
        HttpResponse<String> response = testClient.send(testClient.request(LIST));
        assertThat(response.statusCode()).isEqualTo(200);
        return TestClient.json(response);
    }

    @Test
    void the_list_has_exactly_what_single_calls_give() throws Exception {
        try (JtlSimulator simulator =
                JtlSimulator.start(contacts(200).notFoundShare(0.3).revision(2).build())) {
            TestClient testClient = new TestClient(simulator);
            List<JsonNode> singles = new ArrayList<>();
            for (int n = 0; n < 210; n++) {
                HttpResponse<String> single = testClient.get(TestClient.contact(n));
                if (single.statusCode() == 200) {
                    singles.add(TestClient.json(single));
                }
            }

            assertThat(list(testClient)).containsExactlyInAnyOrderElementsOf(singles);
            assertThat(singles).hasSizeBetween(100, 180);
        }
    }

    @Test
    void with_a_contacts_file_there_are_no_other_contacts() throws Exception {
        try (JtlSimulator simulator = JtlSimulator.start(contacts(1).build())) {
            TestClient testClient = new TestClient(simulator);
            UUID stranger = UUID.randomUUID();

            assertThat(testClient.get(TestClient.contact(0)).statusCode()).isEqualTo(200);
            assertThat(testClient.get(TestClient.contact(1)).statusCode()).isEqualTo(404);
            assertThat(simulator.contact(TestClient.TENANT, TestClient.CUSTOMER, TestClient.contact(1)))
                    .isEmpty();
            assertThat(testClient
                            .send(testClient.request("/v2/customers/" + stranger + "/contacts"))
                            .body())
                    .isEqualTo("[]");
        }
    }

    @Test
    void without_a_contacts_file_there_are_no_lists() throws Exception {
        try (JtlSimulator simulator = JtlSimulator.start(SimulatorOptions.defaults())) {
            TestClient testClient = new TestClient(simulator);
            HttpResponse<String> response = testClient.send(testClient.request(LIST));

            assertThat(response.statusCode()).isEqualTo(404);
            assertThat(response.body()).doesNotContain("errorCode");
            assertThat(simulator.stats().listRequests()).isEqualTo(1);
            assertThat(simulator.stats().contactRequests()).isZero();
        }
    }

    @Test
    void token_ids_and_method_are_checked_as_for_a_single_contact() throws Exception {
        try (JtlSimulator simulator = JtlSimulator.start(contacts(1).build())) {
            TestClient testClient = new TestClient(simulator);

            assertThat(testClient.send(testClient.bare(LIST)).statusCode()).isEqualTo(401);
            assertThat(testClient
                            .send(testClient.request("/v2/customers/17/contacts"))
                            .statusCode())
                    .isEqualTo(400);
            assertThat(testClient.send(testClient.request(LIST).DELETE()).statusCode())
                    .isEqualTo(405);
            assertThat(testClient
                            .send(testClient.request(LIST).header("x-runas", "1"))
                            .statusCode())
                    .isEqualTo(403);
        }
    }

    @Test
    void the_quota_counts_lists_and_contacts_together() throws Exception {
        try (JtlSimulator simulator = JtlSimulator.start(
                contacts(1).quota(Quota.of(2, Duration.ofMinutes(1))).build())) {
            TestClient testClient = new TestClient(simulator);
            testClient.get(TestClient.contact(0));

            assertThat(testClient.send(testClient.request(LIST)).statusCode()).isEqualTo(200);
            assertThat(testClient.send(testClient.request(LIST)).statusCode()).isEqualTo(429);
            SimulatorStats stats = simulator.stats();
            assertThat(stats.contactRequests()).isEqualTo(1);
            assertThat(stats.listRequests()).isEqualTo(2);
            assertThat(stats.statuses()).isEqualTo(Map.of(200, 2L, 429, 1L));
        }
    }

    @Test
    void a_fault_meets_the_list_by_the_customers_id() throws Exception {
        try (JtlSimulator simulator = JtlSimulator.start(contacts(2)
                .fault(Fault.status(403).onlyFor(TestClient.CUSTOMER).times(1))
                .build())) {
            TestClient testClient = new TestClient(simulator);

            assertThat(testClient.get(TestClient.contact(0)).statusCode()).isEqualTo(200);
            assertThat(testClient.send(testClient.request(LIST)).statusCode()).isEqualTo(403);
            assertThat(list(testClient)).hasSize(2);
        }
    }

    @Test
    void faults_spoil_each_contact_of_the_list_or_the_list_as_a_whole() throws Exception {
        try (JtlSimulator simulator = JtlSimulator.start(contacts(1)
                .pascalCase(true)
                .fault(Fault.body(Fault.Body.NO_ID).times(1))
                .fault(Fault.body(Fault.Body.WRONG_ID).times(1))
                .fault(Fault.body(Fault.Body.TRUNCATED).times(1))
                .build())) {
            TestClient testClient = new TestClient(simulator);

            assertThat(list(testClient)).hasSize(1).noneMatch(contact -> contact.has("Id"));
            assertThat(list(testClient))
                    .extracting(contact -> contact.get("Id").asText())
                    .doesNotContain(TestClient.contact(0).toString());
            HttpResponse<String> half = testClient.send(testClient.request(LIST));
            assertThatThrownBy(() -> TestClient.json(half)).hasMessageContaining("end-of-input");
            assertThat(list(testClient)).hasSize(1).allMatch(contact -> contact.has("Id"));
        }
    }
}
