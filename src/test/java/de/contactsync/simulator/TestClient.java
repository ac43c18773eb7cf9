package de.contactsync.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.UUID;

/** Calls a simulator as a client of JTL would. */
final class TestClient {

    static final UUID TENANT = UUID.fromString("7d0c2f3a-51c0-4a7e-9d4e-0c5f3b1a2e60");
    static final UUID CUSTOMER = UUID.fromString("b45f6432-2462-4c6f-b00f-1d9d01000000");

    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http = HttpClient.newHttpClient();
    private final JtlSimulator simulator;
    private String token;

    TestClient(JtlSimulator simulator) {
        this.simulator = simulator;
    }

    /** The n-th contact id of the tests. */
    static UUID contact(int n) {
        return new UUID(0x00000000_0000_4000L, 0x8000_0000_0000_0000L + n);
    }

    static JsonNode json(HttpResponse<String> response) throws IOException {
        return JSON.readTree(response.body());
    }

    HttpResponse<String> get(UUID contactId) throws Exception {
        return send(request(contactId));
    }

    HttpRequest.Builder request(UUID contactId) throws Exception {
        return request("/v2/customers/" + CUSTOMER + "/contacts/" + contactId);
    }

    /** A call with token and tenant. */
    HttpRequest.Builder request(String path) throws Exception {
        return bare(path).header("Authorization", "Bearer " + token()).header("x-tenant-id", TENANT.toString());
    }

    HttpRequest.Builder bare(String path) {
        return HttpRequest.newBuilder(URI.create(simulator.baseUrl() + path)).timeout(Duration.ofSeconds(10));
    }

    HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    HttpClient http() {
        return http;
    }

    String token() throws Exception {
        if (token == null) {
            useScope("customers.read");
        }
        return token;
    }

    /** Calls from now on carry a new token with this scope. */
    void useScope(String scope) throws Exception {
        HttpResponse<String> answer = askToken("demo", "demo", "grant_type=client_credentials&scope=" + encode(scope));
        token = json(answer).get("access_token").asText();
    }

    HttpResponse<String> askToken(String id, String secret, String form) throws Exception {
        byte[] client = (encode(id) + ":" + encode(secret)).getBytes(StandardCharsets.UTF_8);
        String basic = "Basic " + Base64.getEncoder().encodeToString(client);
        return send(tokenRequest(form).header("Authorization", basic));
    }

    HttpRequest.Builder tokenRequest(String form) {
        return HttpRequest.newBuilder(URI.create(simulator.tokenApi()))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form));
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
