package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A person's login at an authorization server that nobody here has written: Keycloak, which insists on PKCE, gives out
 * a new refresh token for each one spent, and ends the login where one is spent twice. The profile {@code keycloak}
 * fetches it.
 */
class KeycloakIT {

    private static final String HOME = System.getProperty("keycloak.home");
    private static final Duration LONG = Duration.ofMinutes(4);

    @TempDir
    static Path shared;

    private static KeycloakServer keycloak;
    /** A JTL that lets in whom Keycloak stands by. */
    private static HttpServer jtl;

    private static final Set<String> ACCEPTED = ConcurrentHashMap.newKeySet();

    @TempDir
    Path folder;

    private final Person person = new Person();

    @BeforeAll
    static void start() throws IOException {
        assumeThat(HOME).as("keycloak.home names an unpacked Keycloak").isNotNull();
        keycloak = KeycloakServer.start(Path.of(HOME), shared.resolve("keycloak.log"));
        jtl = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        jtl.createContext("/", KeycloakIT::answer);
        jtl.start();
    }

    @AfterAll
    static void stop() {
        if (jtl != null) {
            jtl.stop(0);
        }
        if (keycloak != null) {
            keycloak.close();
        }
    }

    @BeforeEach
    void forget() {
        ACCEPTED.clear();
    }

    private static void answer(HttpExchange call) throws IOException {
        String authorization = String.valueOf(call.getRequestHeaders().getFirst("Authorization"));
        String path = call.getRequestURI().getPath();
        try (call) {
            boolean known = keycloak.knows(authorization);
            if (known) {
                ACCEPTED.add(authorization);
            }
            byte[] body = (known
                            ? "{\"id\":\"" + path.substring(path.lastIndexOf('/') + 1) + "\",\"lastName\":\"Berg\"}"
                            : "{}")
                    .getBytes(StandardCharsets.UTF_8);
            call.getResponseHeaders().set("Content-Type", "application/json");
            call.sendResponseHeaders(known ? 200 : 401, body.length);
            call.getResponseBody().write(body);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Product product(String clientId) throws Exception {
        JsonNode discovery = keycloak.discovery();
        return Product.in(folder.resolve("home"))
                .with("jtl.auth", "authorization-code")
                .with("jtl.base-url", "http://127.0.0.1:" + jtl.getAddress().getPort() + "/erp")
                .with("jtl.tenant-id", Product.TENANT)
                .with("jtl.bulk-read", "never")
                .with("jtl.oauth.client-id", clientId)
                .with("jtl.oauth.issuer", discovery.path("issuer").asText())
                .with(
                        "jtl.oauth.authorization-endpoint",
                        discovery.path("authorization_endpoint").asText())
                .with(
                        "jtl.oauth.token-endpoint",
                        discovery.path("token_endpoint").asText())
                .with(
                        "jtl.oauth.revocation-endpoint",
                        discovery.path("revocation_endpoint").asText())
                .with("jtl.oauth.redirect-uri", "http://127.0.0.1/callback")
                .with("contacts.max-wait", "1s");
    }

    private static Path keys(Product product) throws IOException {
        return Files.writeString(
                product.folder().resolve("keys.csv"),
                "customerId,contactId\n00000000-0000-4000-8000-000000000001,00000000-0000-4000-8000-000000000002\n");
    }

    private static String loginPage(RunningProduct login) {
        await().alias(login.toString()).atMost(LONG).until(() -> login.stdout().contains("code_challenge"));
        return login.out().stream()
                .filter(line -> line.startsWith("http"))
                .findFirst()
                .orElseThrow();
    }

    private void logIn(Product product) throws Exception {
        RunningProduct login = product.start("login", "--wait", "4m");
        person.get(keycloak.logIn(loginPage(login)));
        assertThat(login.exitCode()).as(login.toString()).isZero();
    }

    @Test
    void a_login_is_proved_by_pkce_and_its_issuer_and_renewed_by_tokens_that_change() throws Exception {
        try (Product product = product("contact-sync")) {
            RunningProduct login = product.start("login", "--wait", "4m");
            String page = loginPage(login);
            assertThat(keycloak.get(page.replaceAll("&code_challenge(_method)?=[^&]*", ""))
                            .headers()
                            .firstValue("Location")
                            .orElseThrow())
                    .as("without PKCE")
                    .contains("error=invalid_request");
            String redirect = keycloak.logIn(page);
            assertThat(redirect).contains("iss=");
            person.get(redirect.replaceFirst("iss=[^&]*", "iss=http%3A%2F%2Fevil.example"));
            assertThat(login.exitCode()).isNotZero();
            assertThat(login.toString()).contains("http://evil.example", "run login again");

            logIn(product);
            // Tokens live for five seconds. A refresh token that is spent twice would end the login.
            await().atMost(LONG).until(() -> {
                RunningProduct imported = product.start("import", keys(product));
                assertThat(imported.exitCode()).as(imported.toString()).isZero();
                return ACCEPTED.size() >= 4;
            });
        }
    }

    @Test
    void a_revoked_login_is_useless_to_whoever_kept_it() throws Exception {
        try (Product product = product("contact-sync")) {
            logIn(product);
            Path kept = product.folder().resolve("kept");
            Path data = product.folder().resolve("data");
            copy(data, kept);
            RunningProduct logout = product.start("logout");
            assertThat(logout.exitCode()).as(logout.toString()).isZero();
            RunningProduct without = product.start("import", keys(product));
            assertThat(without.exitCode()).isEqualTo(3);
            assertThat(without.toString()).contains("log in with the command login");

            copy(kept, data);
            awaitRefused(product);
        }
    }

    @Test
    void a_login_that_has_expired_asks_for_another_one() throws Exception {
        try (Product product = product("soon-over").with("jtl.oauth.scope", "openid customers.read")) {
            logIn(product);
            awaitRefused(product);
            // Makes a call itself.
            logIn(product);
        }
    }

    /** As soon as the access token is over, too. */
    private static void awaitRefused(Product product) {
        List<String> refused = new ArrayList<>();
        await().atMost(LONG).until(() -> {
            RunningProduct imported = product.start("import", keys(product));
            if (imported.exitCode() == 0) {
                return false;
            }
            assertThat(imported.exitCode()).as(imported.toString()).isEqualTo(3);
            refused.add(imported.toString());
            return true;
        });
        assertThat(refused.get(0)).contains("Log in again with the command login");
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (var files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(
                        file,
                        to.resolve(file.getFileName().toString()),
                        StandardCopyOption.REPLACE_EXISTING,
                        StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }
}
