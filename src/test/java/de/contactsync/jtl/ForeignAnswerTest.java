package de.contactsync.jtl;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static de.contactsync.jtl.FakeJtl.anyContact;
import static de.contactsync.jtl.FakeJtl.assertOnlyFails;
import static de.contactsync.jtl.FakeJtl.contact;
import static de.contactsync.jtl.FakeJtl.key;
import static de.contactsync.jtl.FakeJtl.keys;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import de.contactsync.model.ContactKey;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import de.contactsync.resilience.OutageException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers that are not JTL's own: for key after key they are an outage, among contacts they are one key's own. */
@Timeout(30)
class ForeignAnswerTest {

    @RegisterExtension
    static final FakeJtl JTL = new FakeJtl();

    static Stream<Arguments> foreignAnswers() {
        return Stream.of(
                Arguments.of(
                        "HTTP 200, text/html, \"Guest network Please sign in\"",
                        aResponse()
                                .withHeader("Content-Type", "text/html; charset=utf-8")
                                .withBody("<html><script>var x;</script><h1>Guest network</h1>\n<p>Please sign"
                                        + " in</p></html>")),
                Arguments.of("HTTP 200, an empty body", aResponse().withStatus(200)),
                Arguments.of("HTTP 203", aResponse().withStatus(203).withBody("proxied")),
                Arguments.of("JSON that is not JTL's own", okJson("{\"firstName\":\"Anna\"}")),
                Arguments.of(
                        "JSON that is not JTL's own",
                        okJson("{\"id\":\"" + key(7_777).contactId() + "\"}")),
                // The id that was asked for, as gateways echo it.
                Arguments.of(
                        "JSON that is not JTL's own",
                        okJson("{\"id\":\"{{request.path.[5]}}\"}").withTransformers("response-template")),
                Arguments.of(
                        "HTTP 400, text/html, \"Request 'blocked'\"",
                        aResponse()
                                .withStatus(400)
                                .withHeader("Content-Type", "text/html")
                                .withBody("<p>Request \"blocked\"</p>")));
    }

    /** Once, each of 300 keys became a dead letter, and the import said that it was finished. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("foreignAnswers")
    void an_answer_that_is_no_contact_for_key_after_key_is_an_outage_that_says_what_came(
            String came, ResponseDefinitionBuilder answer) throws Exception {
        JTL.stub(anyContact().willReturn(answer));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            assertThat(routes.halt(keys(300)))
                    .isInstanceOf(OutageException.class)
                    .hasMessageContainingAll(came, JTL.baseUrl().getAuthority(), "jtl.base-url")
                    .hasMessageNotContaining("Anna");
            assertThat(JTL.calls()).hasSizeLessThan(40);
        }
    }

    /** Once, the first two of such keys became dead letters. */
    @ParameterizedTest
    @ValueSource(strings = {"200, text/html, Sign in", "200, text/plain, ", "203, text/plain, proxied"})
    void the_same_for_keys_that_come_one_by_one_and_none_of_them_is_charged(String answer) throws Exception {
        String[] parts = answer.split(", ", -1);
        JTL.stub(anyContact()
                .willReturn(aResponse()
                        .withStatus(Integer.parseInt(parts[0]))
                        .withHeader("Content-Type", parts[1])
                        .withBody(parts[2])));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            assertThat(routes.halt(key(1)))
                    .isInstanceOf(OutageException.class)
                    .hasMessageContainingAll("HTTP " + parts[0], "jtl.base-url");
        }
    }

    static Stream<ResponseDefinitionBuilder> answersOfOthers() {
        return Stream.of(
                aResponse().withHeader("Content-Type", "text/html").withBody("Sign in"),
                aResponse().withStatus(302).withHeader("Location", "/login"),
                aResponse().withStatus(404).withBody("nothing here"),
                aResponse().withStatus(400).withBody("blocked"),
                aResponse().withBody("{\"lastName\":\"Jörg\"}".getBytes(StandardCharsets.ISO_8859_1)));
    }

    /** Once, it said twice where to look, in other words each time. */
    @ParameterizedTest
    @MethodSource("answersOfOthers")
    void an_outage_by_others_answers_says_once_where_to_look(ResponseDefinitionBuilder answer) throws Exception {
        JTL.stub(anyContact().willReturn(answer));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            assertThat(routes.halt(keys(100)).getMessage())
                    .containsOnlyOnce("look for")
                    .doesNotContain("check jtl.");
        }
    }

    /** Once, the dead letter of a sign-in page said only that it was not well-formed JSON. */
    @Test
    void the_dead_letter_of_a_page_says_what_came() throws Exception {
        JTL.stub(contact(key(2))
                .willReturn(aResponse().withHeader("Content-Type", "text/html").withBody("Sign in")));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            routes.enrich(key(1));
            assertThat(((Outcome.Failed) routes.enrich(key(2)).get(0)).errorMessage())
                    .contains("HTTP 200, text/html, \"Sign in\"")
                    .containsOnlyOnce("look for");
        }
    }

    @Test
    void a_page_instead_of_a_contact_after_one_that_passed_is_its_own_keys() throws Exception {
        JTL.stub(contact(key(2))
                .willReturn(aResponse().withHeader("Content-Type", "text/html").withBody("Sign in")));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            assertThat(routes.enrich(key(1)).get(0)).isInstanceOf(Outcome.Found.class);
            assertOnlyFails(routes.enrich(key(2)), 0, Reason.CONTRACT_VIOLATION, 200);
        }
    }

    @Test
    void json_that_is_no_contact_fails_two_single_keys_before_it_is_an_outage() throws Exception {
        JTL.stub(anyContact().willReturn(okJson("{\"title\":\"Sign in\"}")));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            assertOnlyFails(routes.enrich(key(1)), 0, Reason.CONTRACT_VIOLATION, 200);
            assertOnlyFails(routes.enrich(key(2)), 0, Reason.CONTRACT_VIOLATION, 200);
            assertThat(routes.halt(key(3))).hasMessageContaining("JSON that is not JTL's own");
        }
    }

    /** Once, such an answer was each key's own fault: all of them became dead letters of a run that was finished. */
    @ParameterizedTest
    @ValueSource(strings = {"17", "{\"a\":1}", "\"x\",\"lastname\":\"y\""})
    void a_contact_with_a_field_of_the_wrong_type_for_key_after_key_is_an_outage(String lastName) throws Exception {
        JTL.stub(anyContact()
                .willReturn(okJson("{\"id\":\"{{request.path.[5]}}\",\"lastName\":" + lastName + "}")
                        .withTransformers("response-template")));
        ContactKey[] siblings = Stream.of(1, 2, 3)
                .flatMap(customer -> Stream.of(FakeJtl.keysOf(customer, 10 * customer, 10 * customer + 1)))
                .toArray(ContactKey[]::new);
        for (int customer = 1; customer <= 3; customer++) {
            JTL.stub(FakeJtl.listOf(customer)
                    .willReturn(okJson(
                            "[{\"id\":\"" + key(10 * customer).contactId() + "\",\"lastName\":" + lastName + "}]")));
        }
        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            assertThat(routes.halt(siblings)).isInstanceOf(OutageException.class);
        }
        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            assertThat(routes.halt(keys(100)))
                    .isInstanceOf(OutageException.class)
                    .hasMessageContainingAll("field last", "jtl.base-url");
        }
    }

    @Test
    void a_field_of_the_wrong_type_among_contacts_costs_its_own_key() throws Exception {
        JTL.stub(contact(key(3)).willReturn(okJson("{\"id\":\"" + key(3).contactId() + "\",\"lastName\":17}")));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            assertOnlyFails(routes.enrich(keys(10)), 3, Reason.CONTRACT_VIOLATION, 200);
        }
    }

    @Test
    void one_such_answer_among_contacts_costs_its_own_key() throws Exception {
        JTL.stub(contact(key(3)).willReturn(okJson("{\"firstName\":\"Anna\"}")));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            assertOnlyFails(routes.enrich(keys(10)), 3, Reason.CONTRACT_VIOLATION, 200);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "<html>nothing here</html>", "{\"title\":\"Not Found\"}"})
    void a_404_that_is_not_jtls_own_halts_when_all_keys_get_it(String body) throws Exception {
        JTL.stub(anyContact().willReturn(aResponse().withStatus(404).withBody(body)));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            assertThat(routes.halt(keys(200))).hasMessageContainingAll("jtl.base-url", "JTL-Wawi");
            assertThat(JTL.calls()).hasSizeLessThan(30);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {302, 404})
    void answers_from_a_wrong_place_halt_also_when_keys_passed_before(int status) throws Exception {
        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            assertThat(routes.enrich(keys(20))).hasOnlyElementsOfType(Outcome.Found.class);

            JTL.stub(anyContact().willReturn(aResponse().withStatus(status)));
            assertThat(routes.halt(keys(200))).hasMessageContaining("jtl.base-url");
        }
    }

    @Test
    void redirects_for_all_keys_halt() throws Exception {
        JTL.stub(anyContact().willReturn(aResponse().withStatus(302).withHeader("Location", "/login")));

        try (ShippedRoutes routes = ShippedRoutes.before(JTL).start()) {
            assertThat(routes.halt(keys(200))).hasMessageContaining("jtl.base-url");
            assertThat(JTL.calls()).hasSizeLessThan(30);
        }
    }
}
