package de.contactsync.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Every kind of answer, held against JTL's contract. */
class ApiContractTest {

    private final ApiContract apiContract = new ApiContract();
    private JtlSimulator simulator;
    private TestClient testClient;

    @AfterEach
    void end() {
        simulator.close();
    }

    @Test
    @Tag("slow")
    void contacts_keep_the_contract_whatever_they_lack() throws Exception {
        start(SimulatorOptions.builder());
        int nulls = 0;
        int absent = 0;
        int empty = 0;
        for (int n = 0; n < 300; n++) {
            HttpResponse<String> response = testClient.get(TestClient.contact(n));
            assertKeeps(response, 200);
            JsonNode contact = TestClient.json(response);
            assertThat(contact.get("id").asText())
                    .isEqualTo(TestClient.contact(n).toString());
            absent += 9 - contact.size();
            for (JsonNode value : contact) {
                nulls += value.isNull() ? 1 : 0;
                empty += value.asText().isEmpty() ? 1 : 0;
            }
        }
        assertThat(nulls).isPositive();
        assertThat(absent).isPositive();
        assertThat(empty).isPositive();
    }

    @Test
    void an_unknown_contact_is_404_with_an_error_response() throws Exception {
        start(SimulatorOptions.builder().notFoundShare(1));
        HttpResponse<String> response = testClient.get(TestClient.contact(1));
        assertKeeps(response, 404);
        assertThat(TestClient.json(response).get("errorCode").asText()).isEqualTo("NOT_FOUND");
    }

    @Test
    void an_unknown_path_is_404_without_an_error_response() throws Exception {
        start(SimulatorOptions.builder());
        HttpResponse<String> response = testClient.send(testClient.request("/v9/customers/" + TestClient.CUSTOMER));
        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(response.body()).doesNotContain("errorCode");
    }

    @Test
    void ids_that_are_no_uuids_are_400() throws Exception {
        start(SimulatorOptions.builder());
        String id = TestClient.CUSTOMER.toString();
        for (String path : List.of(
                "/v2/customers/17/contacts/" + id,
                "/v2/customers/" + id + "/contacts/1-1-1-1-1",
                "/v2/customers/" + id + "/contacts/" + id + "%20")) {
            HttpResponse<String> response = testClient.send(testClient.request(path));
            assertKeeps(response, 400);
            assertThat(TestClient.json(response).get("errorCode").asText()).isEqualTo("VALIDATION_ERROR");
            assertThat(TestClient.json(response).get("errors")).hasSize(1);
        }
    }

    @Test
    void a_call_without_a_good_token_is_401_without_an_error_response() throws Exception {
        start(SimulatorOptions.builder());
        String path = "/v2/customers/" + TestClient.CUSTOMER + "/contacts/" + TestClient.contact(1);
        for (HttpRequest.Builder request : List.of(
                testClient.bare(path),
                testClient.bare(path).header("Authorization", "Bearer made.up"),
                testClient.bare(path).header("Authorization", "Basic " + testClient.token()))) {
            HttpResponse<String> response =
                    testClient.send(request.header("x-tenant-id", TestClient.TENANT.toString()));
            assertKeeps(response, 401);
            assertThat(TestClient.json(response).has("errorCode")).isFalse();
            assertThat(response.headers().firstValue("WWW-Authenticate").orElseThrow())
                    .startsWith("Bearer");
        }
    }

    @Test
    void a_missing_tenant_is_412_and_a_malformed_one_400() throws Exception {
        start(SimulatorOptions.builder());
        String path = "/v2/customers/" + TestClient.CUSTOMER + "/contacts/" + TestClient.contact(1);
        HttpRequest.Builder request = testClient.bare(path).header("Authorization", "Bearer " + testClient.token());
        assertKeeps(testClient.send(request), 412);
        assertKeeps(testClient.send(request.header("x-tenant-id", "main")), 400);
    }

    @Test
    void running_as_somebody_needs_the_scope_for_it() throws Exception {
        start(SimulatorOptions.builder());
        assertKeeps(testClient.send(testClient.request(TestClient.contact(1)).header("x-runas", "7")), 403);
        testClient.useScope("customers.read application.runas");
        assertKeeps(testClient.send(testClient.request(TestClient.contact(1)).header("x-runas", "7")), 200);
        assertKeeps(testClient.send(testClient.request(TestClient.contact(1)).header("x-runas", "Lena")), 400);
        assertKeeps(testClient.send(testClient.request(TestClient.contact(1)).header("x-companyid", "GmbH")), 400);
    }

    @Test
    void other_methods_are_405() throws Exception {
        start(SimulatorOptions.builder());
        HttpResponse<String> response =
                testClient.send(testClient.request(TestClient.contact(1)).DELETE());
        assertKeeps(response, 405);
        assertThat(response.headers().firstValue("Allow")).hasValue("GET");
    }

    @Test
    void an_exhausted_quota_is_429_with_an_error_response() throws Exception {
        start(SimulatorOptions.builder().quota(Quota.of(1, Duration.ofHours(1))));
        assertKeeps(testClient.get(TestClient.contact(1)), 200);
        assertKeeps(testClient.get(TestClient.contact(1)), 429);
    }

    @Test
    void a_missing_licence_is_402_without_an_error_response() throws Exception {
        start(SimulatorOptions.builder().fault(Fault.status(402)));
        HttpResponse<String> response = testClient.get(TestClient.contact(1));
        assertKeeps(response, 402);
        assertThat(TestClient.json(response).has("errorCode")).isFalse();
    }

    @Test
    void the_contract_refuses_spoiled_contacts() throws Exception {
        start(SimulatorOptions.builder()
                .fault(Fault.body(Fault.Body.NO_ID).onlyFor(TestClient.contact(1)))
                .fault(Fault.body(Fault.Body.TRUNCATED).onlyFor(TestClient.contact(2)))
                .fault(Fault.body(Fault.Body.HTML).onlyFor(TestClient.contact(3)))
                .fault(Fault.body(Fault.Body.EMPTY).onlyFor(TestClient.contact(4))));
        for (int n = 1; n <= 4; n++) {
            assertThat(apiContract.violations(testClient.get(TestClient.contact(n))))
                    .as("contact %d", n)
                    .isNotEmpty();
        }
    }

    @Test
    void names_in_pascal_case_are_not_of_this_contract() throws Exception {
        start(SimulatorOptions.builder().pascalCase(true));
        HttpResponse<String> response = testClient.get(TestClient.contact(1));
        assertThat(apiContract.violations(response)).isNotEmpty();
        assertThat(TestClient.json(response).fieldNames())
                .toIterable()
                .contains("Id")
                .doesNotContain("id");
        HttpResponse<String> error = testClient.send(testClient.request("/v2/customers/17/contacts/17"));
        assertThat(TestClient.json(error).fieldNames()).toIterable().contains("ErrorCode", "ErrorMessage", "Errors");
    }

    private void start(SimulatorOptions.Builder options) {
        simulator = JtlSimulator.start(options.build());
        testClient = new TestClient(simulator);
    }

    private void assertKeeps(HttpResponse<String> response, int status) {
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(apiContract.violations(response)).isEmpty();
    }
}
