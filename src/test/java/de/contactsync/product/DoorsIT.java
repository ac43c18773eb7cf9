package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The doors to JTL beside the service account, from the first command to a stored contact. */
class DoorsIT {

    @TempDir
    Path folder;

    private final HttpClient browser = HttpClient.newHttpClient();

    private static final String KEYS =
            "customerId,contactId\n00000000-0000-4000-8000-000000000001," + "00000000-0000-4000-8000-000000000002\n";

    private Path keys(Product product) throws Exception {
        return Files.writeString(product.folder().resolve("keys.csv"), KEYS);
    }

    private HttpResponse<String> get(String address) throws Exception {
        return browser.send(HttpRequest.newBuilder(URI.create(address)).build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void a_person_logs_in_and_out() throws Exception {
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.defaults());
                Product product = Product.in(folder.resolve("home"))
                        .with("jtl.auth", "authorization-code")
                        .with("jtl.base-url", jtl.baseUrl())
                        .with("jtl.tenant-id", Product.TENANT)
                        .with("jtl.oauth.client-id", "demo")
                        .with("jtl.oauth.token-endpoint", jtl.tokenApi())
                        .with("jtl.oauth.authorization-endpoint", jtl.loginUrl())
                        .with("jtl.oauth.revocation-endpoint", jtl.revocationUrl())
                        .with("jtl.oauth.redirect-uri", "http://127.0.0.1/callback")
                        .with("contacts.secret-key", "a key of twenty characters")
                        .with("contacts.max-wait", "1s")) {
            Path keys = keys(product);
            RunningProduct login = product.start("login", "--wait", "1m");
            await().atMost(Duration.ofMinutes(1)).until(() -> login.stdout().contains("code_challenge"));
            String address = login.out().stream()
                    .filter(line -> line.startsWith("http"))
                    .findFirst()
                    .orElseThrow();
            String redirect = get(address + "&consent=yes")
                    .headers()
                    .firstValue("Location")
                    .orElseThrow();
            assertThat(get(redirect.replaceFirst("state=[^&]*", "state=forged")).statusCode())
                    .isEqualTo(400);
            assertThat(get(redirect).statusCode()).isEqualTo(200);
            assertThat(login.exitCode()).as(login.toString()).isZero();
            assertThat(login.stdout()).contains("Logged in. The login is stored, encrypted", "answers for tenant");

            RunningProduct imported = product.start("import", keys.toString());
            assertThat(imported.exitCode()).as(imported.toString()).isZero();
            assertThat(jtl.reusedRefreshTokens()).isZero();

            RunningProduct logout = product.start("logout");
            assertThat(logout.exitCode()).as(logout.toString()).isZero();
            RunningProduct without = product.start("import", keys.toString());
            assertThat(without.exitCode()).isEqualTo(3);
            assertThat(without.toString()).contains("log in with the command login");
        }
    }

    @Test
    void an_app_registers_with_a_jtl_wawi_of_its_owner() throws Exception {
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.defaults());
                Product product = Product.in(folder.resolve("home"))
                        .with("jtl.auth", "wawi-app")
                        .with("jtl.base-url", jtl.wawiUrl())
                        .with("contacts.max-wait", "1s")) {
            Path keys = keys(product);
            RunningProduct before = product.start("import", keys.toString());
            assertThat(before.exitCode()).isEqualTo(3);
            assertThat(before.toString()).contains("run the command register");

            RunningProduct register = product.start("register", "--wait", "1m");
            assertThat(register.exitCode()).as(register.toString()).isZero();
            assertThat(register.stdout())
                    .contains("Registered. The key is stored in a file that only you can read", "answers for tenant");

            RunningProduct imported = product.start("import", keys.toString());
            assertThat(imported.exitCode()).as(imported.toString()).isZero();
            String stored = Files.readString(product.folder().resolve("data/contacts.db.secrets"));
            Matcher key =
                    Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}").matcher(stored);
            assertThat(key.find()).isTrue();
            assertThat(register.toString() + imported)
                    .as("the key is shown nowhere")
                    .doesNotContain(key.group());
            jtl.revokeKeys();
            RunningProduct refused = product.start("import", keys.toString());
            assertThat(refused.exitCode()).isEqualTo(3);
            assertThat(refused.toString()).contains("Register again with the command register");
        }
    }
}
