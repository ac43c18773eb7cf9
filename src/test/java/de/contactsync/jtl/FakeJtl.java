package de.contactsync.jtl;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathMatching;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.MappingBuilder;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.stubbing.Scenario;
import com.github.tomakehurst.wiremock.stubbing.ServeEvent;
import de.contactsync.model.ContactKey;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * JTL and its token endpoint as WireMock. Every contact exists until a test says otherwise; tokens are numbered. Registered
 * as an extension, it is reset before each test of a class, and closed behind the last.
 */
final class FakeJtl implements AutoCloseable, BeforeEachCallback, AfterAllCallback {

    static final UUID TENANT = UUID.fromString("0d9f4f3e-7c1b-4a58-9e36-52c1a8b7d604");

    static final String CAMEL_CASE_ERROR =
            "{\"errorCode\":\"CODE_7\",\"errorMessage\":\"words of JTL\",\"errors\":{\"id\":[\"one\",\"two\"]},"
                    + "\"stacktrace\":\"at Some.Class\"}";
    static final String PASCAL_CASE_ERROR =
            "{\"ErrorCode\":\"CODE_7\",\"ErrorMessage\":\"words of JTL\",\"Errors\":{\"id\":[\"one\",\"two\"]},"
                    + "\"Stacktrace\":\"at Some.Class\"}";

    private static final String CONTACT_PATH = "/erp/v2/customers/[^/]+/contacts/[^/]+";
    private static final String TOKEN_PATH = "/oauth2/token";

    private final WireMockServer server =
            new WireMockServer(wireMockConfig().dynamicPort().bindAddress("127.0.0.1"));

    FakeJtl() {
        server.start();
        reset();
    }

    @Override
    public void beforeEach(ExtensionContext test) {
        reset();
    }

    @Override
    public void afterAll(ExtensionContext tests) {
        close();
    }

    /** Back to a JTL in its best mood, with nothing asked yet. */
    void reset() {
        if (!server.isRunning()) {
            // Closed behind the last test of a class, one of which is run again.
            server.start();
        }
        server.resetAll();
        issueTokens(0);
        server.stubFor(anyContact().atPriority(10).willReturn(contact()));
    }

    /** @param millis until another token is there than the first */
    void issueTokens(int millis) {
        String[] states = {Scenario.STARTED, "second", "third", "third"};
        for (int i = 0; i < 3; i++) {
            server.stubFor(post(TOKEN_PATH)
                    .inScenario("tokens")
                    .whenScenarioStateIs(states[i])
                    .willSetStateTo(states[i + 1])
                    .willReturn(okJson("{\"access_token\":\"token-" + (i + 1)
                                    + "\",\"token_type\":\"Bearer\",\"expires_in\":3600}")
                            .withFixedDelay(i == 0 ? 0 : millis)));
        }
    }

    static ContactKey key(int number) {
        return new ContactKey(TENANT, new UUID(0x4000, 1L << 63 | number), new UUID(0x4001, 1L << 63 | number));
    }

    /** Contacts of the customer of {@link #key(int)}. */
    static ContactKey[] keysOf(int customer, int... contacts) {
        return Arrays.stream(contacts)
                .mapToObj(contact -> new ContactKey(
                        TENANT, key(customer).customerId(), key(contact).contactId()))
                .toArray(ContactKey[]::new);
    }

    static ContactKey[] keys(int count) {
        ContactKey[] keys = new ContactKey[count];
        for (int i = 0; i < count; i++) {
            keys[i] = key(i);
        }
        return keys;
    }

    static String path(ContactKey key) {
        return "/erp/v2/customers/" + key.customerId() + "/contacts/" + key.contactId();
    }

    /** The contact that was asked for. */
    static ResponseDefinitionBuilder contact() {
        return okJson("{\"id\":\"{{request.path.[5]}}\",\"firstName\":\"Anna\",\"lastName\":null,\"fax\":\"\"}")
                .withTransformers("response-template");
    }

    /** A list of these contacts, as {@link #contact()} has each. */
    static ResponseDefinitionBuilder list(ContactKey... keys) {
        return okJson(Arrays.stream(keys)
                .map(key ->
                        "{\"id\":\"" + key.contactId() + "\",\"firstName\":\"Anna\",\"lastName\":null,\"fax\":\"\"}")
                .collect(Collectors.joining(",", "[", "]")));
    }

    static ResponseDefinitionBuilder error(int status) {
        return aResponse()
                .withStatus(status)
                .withHeader("Content-Type", "application/json")
                .withBody(CAMEL_CASE_ERROR);
    }

    static MappingBuilder anyContact() {
        return get(urlPathMatching(CONTACT_PATH)).atPriority(5);
    }

    static MappingBuilder contact(ContactKey key) {
        return get(urlPathEqualTo(path(key))).atPriority(1);
    }

    /** The list of this customer's contacts, see {@link #key(int)}; without a stub there is none. */
    static MappingBuilder listOf(int customer) {
        return get(urlPathEqualTo(listPath(customer))).atPriority(1);
    }

    private static String listPath(int customer) {
        return "/erp/v2/customers/" + key(customer).customerId() + "/contacts";
    }

    void stub(MappingBuilder stub) {
        server.stubFor(stub);
    }

    /** One answer after the other for this key; the last one stays. */
    void answers(ContactKey key, ResponseDefinitionBuilder... answers) {
        answers(() -> contact(key), key.toString(), answers);
    }

    /** The same for the list of a customer's contacts. */
    void listAnswers(int customer, ResponseDefinitionBuilder... answers) {
        answers(() -> listOf(customer), "list " + customer, answers);
    }

    private void answers(Supplier<MappingBuilder> asked, String scenario, ResponseDefinitionBuilder... answers) {
        String[] states = new String[answers.length + 1];
        Arrays.setAll(states, i -> i == 0 ? Scenario.STARTED : "after answer " + i);
        states[answers.length] = states[answers.length - 1];
        for (int i = 0; i < answers.length; i++) {
            server.stubFor(asked.get()
                    .inScenario(scenario)
                    .whenScenarioStateIs(states[i])
                    .willSetStateTo(states[i + 1])
                    .willReturn(answers[i]));
        }
    }

    URI baseUrl() {
        return URI.create(server.baseUrl() + "/erp");
    }

    URI tokenEndpoint() {
        return URI.create(server.baseUrl() + TOKEN_PATH);
    }

    int tokenRequests() {
        return (int) events().stream()
                .filter(event -> event.getRequest().getUrl().equals(TOKEN_PATH))
                .count();
    }

    /** Calls of the API, in the order they came. */
    List<ServeEvent> calls() {
        return events().stream()
                .filter(event -> !event.getRequest().getUrl().equals(TOKEN_PATH))
                .toList();
    }

    List<ServeEvent> calls(ContactKey key) {
        return events().stream()
                .filter(event -> event.getRequest().getUrl().equals(path(key)))
                .toList();
    }

    /** Calls of lists of contacts, in the order they came. */
    List<ServeEvent> lists() {
        return calls().stream()
                .filter(event -> event.getRequest().getUrl().endsWith("/contacts"))
                .toList();
    }

    private List<ServeEvent> events() {
        List<ServeEvent> events = new ArrayList<>(server.getAllServeEvents());
        Collections.reverse(events);
        return events;
    }

    @Override
    public void close() {
        server.stop();
    }

    /** All but one were found. */
    static void assertOnlyFails(List<Outcome> outcomes, int index, Reason reason, int status) {
        for (int i = 0; i < outcomes.size(); i++) {
            if (i == index) {
                Outcome.Failed failed = (Outcome.Failed) outcomes.get(i);
                assertThat(failed.reason()).isEqualTo(reason);
                assertThat(failed.httpStatus()).isEqualTo(status);
            } else {
                assertThat(outcomes.get(i)).isInstanceOf(Outcome.Found.class);
            }
        }
    }
}
