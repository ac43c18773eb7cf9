package de.contactsync.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import de.contactsync.http.Network;
import de.contactsync.model.RefreshTokens;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a server that takes a client only in the body, and each refresh token once. */
class TokenGrantTest {

    private final List<Map<String, String>> forms = new ArrayList<>();
    private HttpServer server;
    private String good = "refresh-0";
    private int spent;
    private String uid = "7";

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext("/token", this::answer);
        server.createContext("/login", this::login);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        Map<String, String> form = new HashMap<>();
        for (String pair : new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8).split("&")) {
            String[] parts = pair.split("=", 2);
            form.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
        }
        forms.add(form);
        String body;
        int status = 200;
        if (exchange.getRequestHeaders().containsKey("Authorization") || !"s3cr3t".equals(form.get("client_secret"))) {
            status = 401;
            body = "{\"error\": \"invalid_client\"}";
        } else if ("refresh_token".equals(form.get("grant_type")) && !good.equals(form.get("refresh_token"))) {
            status = 400;
            body = "{\"error\": \"invalid_grant\", \"error_description\": \"" + form.get("refresh_token")
                    + " was spent\"}";
        } else if ("refresh_token".equals(form.get("grant_type"))) {
            good = "refresh-" + ++spent;
            body = "{\"access_token\": \"access-" + spent + "\", \"token_type\": \"Bearer\", \"expires_in\": 3600,"
                    + " \"refresh_token\": \"" + good + "\"}";
        } else {
            body = "{\"access_token\": \"access\", \"token_type\": \"Bearer\", \"expires_in\": 3600}";
        }
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private void login(HttpExchange exchange) throws IOException {
        String said = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        boolean json = "application/json"
                .equals(String.valueOf(exchange.getRequestHeaders().getFirst("Content-Type"))
                        .split(";")[0]);
        byte[] bytes = (json && said.contains("\"password\":\"s3cr3t\"")
                        ? "{\"result\": {\"session_id\": \"session-1\", \"uid\": " + uid + "}}"
                        : "{\"error\": {\"code\": 200, \"message\": \"Access Denied for s3cr3t\"}}")
                .getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Set-Cookie", "lang=de; Path=/");
        exchange.getResponseHeaders().add("Set-Cookie", "session_id=cookie-1; HttpOnly; Path=/");
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private TokenResult signIn(String body, String tokenAt) {
        OAuthGrant grant = new OAuthGrant(
                OAuthGrant.Kind.LOGIN,
                false,
                Map.of(),
                "anna",
                "s3cr3t",
                null,
                new OAuthGrant.Login(body, "application/json", tokenAt));
        try (TokenEndpoint endpoint = new TokenEndpoint(
                new OAuthSettings(
                        "contacts.crm.rest",
                        URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/login"),
                        "anna",
                        "s3cr3t",
                        "",
                        grant),
                Network.DIRECT)) {
            return endpoint.request();
        }
    }

    @Test
    void a_login_call_gives_its_session_from_the_answer_or_from_a_cookie() {
        String body = "{\"login\":\"anna\",\"password\":\"s3cr3t\"}";
        assertThat(signIn(body, "/result/session_id")).isEqualTo(granted("session-1"));
        assertThat(signIn(body, "cookie:session_id")).isEqualTo(granted("cookie-1"));
    }

    /** As Tryton's JSON-RPC has it: Authorization: Session base64(user:id:session). */
    @Test
    void a_session_of_several_parts_is_encoded_as_the_setting_puts_it_together() {
        String body = "{\"login\":\"anna\",\"password\":\"s3cr3t\"}";
        assertThat(signIn(body, "base64:anna:{/result/uid}:{/result/session_id}"))
                .isEqualTo(granted(
                        Base64.getEncoder().encodeToString("anna:7:session-1".getBytes(StandardCharsets.UTF_8))));
        assertThat(signIn(body, "base64:anna:{/result/none}")).isInstanceOf(TokenResult.Refused.class);
    }

    @Test
    void a_session_beyond_a_limit_of_the_parser_is_reported_with_the_limit() {
        uid = "7".repeat(2_000);
        assertThat(signIn("{\"login\":\"anna\",\"password\":\"s3cr3t\"}", "/result/session_id"))
                .isInstanceOfSatisfying(
                        TokenResult.Refused.class,
                        refused -> assertThat(refused.message())
                                .contains("status 200 and no session, but with a number of more than 1000 digits:"));
    }

    @Test
    void a_login_answered_200_with_an_error_is_refused_and_names_the_settings() {
        assertThat(signIn("{\"password\":\"other\"}", "/result/session_id"))
                .isInstanceOfSatisfying(
                        TokenResult.Refused.class,
                        refused -> assertThat(refused.message())
                                .contains("contacts.crm.rest.password")
                                .doesNotContain("s3cr3t"));
    }

    private TokenResult ask(OAuthGrant grant) {
        try (TokenEndpoint endpoint = new TokenEndpoint(
                new OAuthSettings(
                        "contacts.crm.oauth",
                        URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/token"),
                        "id",
                        "s3cr3t",
                        "",
                        grant),
                Network.DIRECT)) {
            return endpoint.request();
        }
    }

    @Test
    void client_and_parameters_go_into_the_body_where_the_server_wants_them_there() {
        assertThat(ask(new OAuthGrant(
                        OAuthGrant.Kind.CLIENT_CREDENTIALS, true, Map.of("soid", "ZohoCRM.1"), "", "", null)))
                .isInstanceOf(TokenResult.Granted.class);
        assertThat(forms.get(0))
                .containsEntry("client_id", "id")
                .containsEntry("soid", "ZohoCRM.1")
                .containsEntry("grant_type", "client_credentials");
        assertThat(ask(OAuthGrant.CLIENT_CREDENTIALS)).isInstanceOf(TokenResult.Refused.class);
    }

    @Test
    void username_and_password_are_exchanged_for_a_token() {
        assertThat(ask(new OAuthGrant(OAuthGrant.Kind.PASSWORD, true, Map.of(), "anna", "p+w", null)))
                .isInstanceOf(TokenResult.Granted.class);
        assertThat(forms.get(0))
                .containsEntry("grant_type", "password")
                .containsEntry("username", "anna")
                .containsEntry("password", "p+w");
    }

    @Test
    void a_refresh_token_that_rotates_is_spent_once_and_the_next_one_kept() {
        Kept kept = new Kept("refresh-0");
        OAuthGrant grant = new OAuthGrant(OAuthGrant.Kind.REFRESH_TOKEN, true, Map.of(), "", "", kept);
        assertThat(ask(grant)).isEqualTo(granted("access-1"));
        assertThat(kept.token).isEqualTo("refresh-1");
        assertThat(ask(grant)).isEqualTo(granted("access-2"));
        assertThat(kept.token).isEqualTo("refresh-2");
    }

    @Test
    void a_refresh_token_spent_elsewhere_is_refused_with_the_remedy_and_not_quoted() {
        Kept kept = new Kept("refresh-old");
        TokenResult answer = ask(new OAuthGrant(OAuthGrant.Kind.REFRESH_TOKEN, true, Map.of(), "", "", kept));
        assertThat(answer)
                .isInstanceOfSatisfying(
                        TokenResult.Refused.class,
                        refused -> assertThat(refused.message())
                                .contains("invalid_grant", "contacts.crm.oauth.refresh-token")
                                .doesNotContain("refresh-old"));
        assertThat(kept.claimed).isFalse();
    }

    @Test
    void while_another_process_spends_it_none_is_sent() {
        Kept kept = new Kept("refresh-0");
        kept.claim(null);
        assertThat(ask(new OAuthGrant(OAuthGrant.Kind.REFRESH_TOKEN, true, Map.of(), "", "", kept)))
                .isInstanceOf(TokenResult.Unavailable.class);
        assertThat(forms).isEmpty();
    }

    private static TokenResult granted(String token) {
        return new TokenResult.Granted(token, Duration.ofHours(1), null);
    }

    private static final class Kept implements RefreshTokens {

        private String token;
        private boolean claimed;

        Kept(String token) {
            this.token = token;
        }

        @Override
        public Turn claim(String unwanted) {
            if (claimed) {
                return new Turn.Wait();
            }
            claimed = true;
            return new Turn.Spend(token);
        }

        @Override
        public void release(String rotated, Access access) {
            claimed = false;
            token = rotated == null ? token : rotated;
        }

        @Override
        public void refused() {
            throw new AssertionError("one of the settings may be taken later");
        }
    }
}
