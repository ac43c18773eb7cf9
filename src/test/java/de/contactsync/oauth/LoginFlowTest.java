package de.contactsync.oauth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import de.contactsync.http.Network;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.RefreshTokens;
import de.contactsync.persistence.Database;
import de.contactsync.persistence.EachDatabase;
import de.contactsync.persistence.RefreshTokenTable;
import de.contactsync.persistence.SecretKeys;
import de.contactsync.persistence.SecretTable;
import de.contactsync.persistence.SecretVault;
import de.contactsync.persistence.TestDatabase;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import no.nav.security.mock.oauth2.MockOAuth2Server;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;

/** A person's login, before the simulator and before an authorization server that is not ours. */
@Tag("slow")
@Timeout(120)
class LoginFlowTest {

    private static final URI REDIRECT = URI.create("http://127.0.0.1:8765/callback");
    private static final SecretKeys ENCRYPTED = new SecretKeys("a key of twenty characters", null);
    private static final String LOG_IN = "log in";

    private static OAuthSettings oauth(String tokenEndpoint) {
        return new OAuthSettings(
                "jtl.oauth",
                URI.create(tokenEndpoint),
                "demo",
                null,
                "openid offline_access customers.read",
                OAuthGrant.AUTHORIZATION_CODE);
    }

    private static SecretVault vault(TestDatabase test) {
        return new SecretVault(test.settings(), test.kind() == TestDatabase.Kind.SQLITE ? SecretKeys.NONE : ENCRYPTED);
    }

    private static LoginFlow flow(JtlSimulator jtl) {
        return new LoginFlow(oauth(jtl.tokenApi()), login(jtl), REDIRECT, Network.DIRECT);
    }

    private static LoginSettings login(JtlSimulator jtl) {
        return new LoginSettings(URI.create(jtl.loginUrl()), URI.create(jtl.revocationUrl()), REDIRECT, null);
    }

    /** Where a browser would be sent to. */
    private static URI browse(String address) throws Exception {
        HttpResponse<String> response = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create(address)).build(), HttpResponse.BodyHandlers.ofString());
        return URI.create(response.headers().firstValue("Location").orElseThrow());
    }

    private static String logIn(JtlSimulator jtl) throws Exception {
        try (LoginFlow flow = flow(jtl)) {
            return flow.complete(browse(flow.address() + "&consent=yes")).refreshToken();
        }
    }

    @Test
    void a_code_is_exchanged_for_a_refresh_token_once() throws Exception {
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.defaults());
                LoginFlow flow = flow(jtl)) {
            URI redirect = browse(flow.address() + "&consent=yes");
            assertThat(flow.isOurs(redirect)).isTrue();
            assertThat(flow.complete(redirect).refreshToken()).isNotBlank();
            assertThatThrownBy(() -> flow.complete(redirect))
                    .isInstanceOf(ProcessingHaltedException.class)
                    .hasMessageContaining("run login again");
        }
    }

    @Test
    void what_does_not_belong_to_the_login_is_refused_in_words() throws Exception {
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.defaults());
                LoginFlow flow = flow(jtl);
                LoginFlow other = flow(jtl)) {
            assertThatThrownBy(() -> flow.complete(browse(flow.address() + "&consent=no")))
                    .hasMessageContaining("somebody declined");
            URI ofOther = browse(other.address() + "&consent=yes");
            assertThat(flow.isOurs(ofOther)).isFalse();
            assertThatThrownBy(() -> flow.complete(ofOther)).hasMessageContaining("does not belong to this login");
            URI mixedUp = URI.create(browse(flow.address() + "&consent=yes")
                    .toString()
                    .replaceFirst("iss=[^&]*", "iss=https://evil.test"));
            assertThatThrownBy(() -> flow.complete(mixedUp)).hasMessageContaining("names another issuer than expected");
            assertThatThrownBy(() -> flow.complete(REDIRECT)).hasMessageContaining("neither a code nor an error");
        }
    }

    /** A code that was overheard is of no use without the verifier (RFC 7636). */
    @Test
    void a_code_of_another_flow_with_the_state_of_this_one_is_not_taken() throws Exception {
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.defaults());
                LoginFlow flow = flow(jtl);
                LoginFlow other = flow(jtl)) {
            String ours = browse(flow.address() + "&consent=yes").toString();
            String theirs = browse(other.address() + "&consent=yes").toString();
            String code = theirs.replaceFirst(".*code=([^&]*).*", "$1");
            URI injected = URI.create(ours.replaceFirst("code=[^&]*", "code=" + code));
            assertThatThrownBy(() -> flow.complete(injected)).hasMessageContaining("rejected the code");
        }
    }

    @Test
    void a_foreign_authorization_server_logs_in_refreshes_and_says_who_it_is() throws Exception {
        MockOAuth2Server server = new MockOAuth2Server();
        server.start();
        try {
            OAuthSettings oauth = oauth(server.tokenEndpointUrl("jtl").toString());
            LoginSettings login =
                    new LoginSettings(server.authorizationEndpointUrl("jtl").uri(), null, REDIRECT, null);
            try (LoginFlow flow = new LoginFlow(oauth, login, REDIRECT, Network.DIRECT);
                    TestDatabase test = TestDatabase.create(TestDatabase.Kind.SQLITE)) {
                LoginFlow.LoggedIn loggedIn =
                        flow.complete(browse(flow.address().toString()));
                assertThat(loggedIn.who()).isNotBlank();
                Database database = test.open();
                SecretVault vault = vault(test);
                new SecretTable(database, vault).put("jtl:login", loggedIn.refreshToken());
                RefreshTokens kept = RefreshTokenTable.ofLogin(database, vault, "jtl:login", "here/1/1", LOG_IN);
                try (TokenEndpoint endpoint = new TokenEndpoint(oauth.with(kept), Network.DIRECT)) {
                    assertThat(endpoint.request()).isInstanceOf(TokenResult.Granted.class);
                }
            }
        } finally {
            server.shutdown();
        }
    }

    @ParameterizedTest
    @EachDatabase
    void of_two_processes_that_renew_at_once_one_asks_and_no_token_is_spent_twice(TestDatabase.Kind kind)
            throws Exception {
        renewAtOnce(kind, 3);
    }

    static void renewAtOnce(TestDatabase.Kind kind, int rounds) throws Exception {
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.defaults());
                TestDatabase test = TestDatabase.create(kind)) {
            SecretVault vault = vault(test);
            new SecretTable(test.open(), vault).put("jtl:login", logIn(jtl));
            try (TokenEndpoint one = endpoint(jtl, test.open(), vault, "elsewhere/1/1");
                    TokenEndpoint other = endpoint(jtl, test.open(), vault, "elsewhere/2/1")) {
                ExecutorService both = Executors.newFixedThreadPool(2);
                for (int round = 1; round <= rounds; round++) {
                    List<Future<TokenResult.Granted>> got = both.invokeAll(List.of(granted(one), granted(other)));
                    assertThat(got.get(0).get().value())
                            .isEqualTo(got.get(1).get().value());
                    assertThat(jtl.refreshes()).isEqualTo(round);
                }
                both.shutdown();
            }
            assertThat(jtl.reusedRefreshTokens()).isZero();
        }
    }

    private static TokenEndpoint endpoint(JtlSimulator jtl, Database database, SecretVault vault, String owner) {
        return new TokenEndpoint(
                oauth(jtl.tokenApi()).with(RefreshTokenTable.ofLogin(database, vault, "jtl:login", owner, LOG_IN)),
                Network.DIRECT);
    }

    /** Asks again while the other process asks, as the token source does. */
    private static Callable<TokenResult.Granted> granted(TokenEndpoint endpoint) {
        return () -> (TokenResult.Granted) await().pollInterval(Duration.ofMillis(10))
                .atMost(Duration.ofSeconds(30))
                .until(endpoint::request, TokenResult.Granted.class::isInstance);
    }

    @ParameterizedTest
    @EachDatabase
    void a_login_that_was_ended_is_said_and_not_tried_again(TestDatabase.Kind kind) throws Exception {
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.defaults());
                TestDatabase test = TestDatabase.create(kind)) {
            Database database = test.open();
            SecretVault vault = vault(test);
            new SecretTable(database, vault).put("jtl:login", logIn(jtl));
            try (TokenEndpoint endpoint = endpoint(jtl, database, vault, "elsewhere/1/1")) {
                jtl.endLogins();
                assertThat(endpoint.request())
                        .isInstanceOfSatisfying(
                                TokenResult.Missing.class,
                                missing ->
                                        assertThat(missing.message()).contains("Log in again with the command login"));
                long before = jtl.stats().tokenRequests();
                assertThat(endpoint.request()).isEqualTo(new TokenResult.Missing(LOG_IN));
                assertThat(jtl.stats().tokenRequests()).isEqualTo(before);
                new SecretTable(database, vault).put("jtl:login", logIn(jtl));
                assertThat(endpoint.request()).isInstanceOf(TokenResult.Granted.class);
            }
        }
    }

    /** Killed after the server has answered and before that is committed: the server ends the login, and we say so. */
    @Test
    void a_process_that_ends_between_answer_and_commit_costs_the_login_and_that_is_said() throws Exception {
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.defaults());
                TestDatabase test = TestDatabase.create(TestDatabase.Kind.SQLITE)) {
            Database database = test.open();
            SecretVault vault = vault(test);
            new SecretTable(database, vault).put("jtl:login", logIn(jtl));
            RefreshTokens kept = RefreshTokenTable.ofLogin(database, vault, "jtl:login", "here/1/1", LOG_IN);
            RefreshTokens killed = new RefreshTokens() {
                @Override
                public Turn claim(String unwanted) {
                    return kept.claim(unwanted);
                }

                @Override
                public void release(String rotated, Access access) {
                    // It has ended.
                }

                @Override
                public void refused() {
                    // It has ended.
                }
            };
            try (TokenEndpoint endpoint =
                    new TokenEndpoint(oauth(jtl.tokenApi()).with(killed), Network.DIRECT)) {
                assertThat(endpoint.request()).isInstanceOf(TokenResult.Granted.class);
            }
            try (TokenEndpoint endpoint = endpoint(jtl, database, vault, "here/1/1")) {
                assertThat(endpoint.request())
                        .isInstanceOfSatisfying(
                                TokenResult.Missing.class,
                                missing ->
                                        assertThat(missing.message()).contains("Log in again with the command login"));
            }
            assertThat(jtl.reusedRefreshTokens()).isEqualTo(1);
        }
    }

    @Test
    void a_login_that_was_revoked_is_over() throws Exception {
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.defaults());
                TestDatabase test = TestDatabase.create(TestDatabase.Kind.SQLITE)) {
            String refreshToken = logIn(jtl);
            LoginFlow.revoke(oauth(jtl.tokenApi()), login(jtl), refreshToken, Network.DIRECT);
            SecretVault vault = vault(test);
            Database database = test.open();
            new SecretTable(database, vault).put("jtl:login", refreshToken);
            try (TokenEndpoint endpoint = endpoint(jtl, database, vault, "elsewhere/1/1")) {
                assertThat(endpoint.request()).isInstanceOf(TokenResult.Missing.class);
            }
        }
    }
}
