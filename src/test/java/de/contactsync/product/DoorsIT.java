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
import java.util.ArrayList;
import java.util.List;
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

    private String logIn(Product product, String... more) throws Exception {
        List<String> command = new ArrayList<>(List.of("login", "--wait", "1m"));
        command.addAll(List.of(more));
        RunningProduct login = product.start(command.toArray());
        await().atMost(Duration.ofMinutes(1)).until(() -> login.stdout().contains("code_challenge"));
        String address = login.out().stream()
                .filter(line -> line.startsWith("http"))
                .findFirst()
                .orElseThrow();
        String redirect =
                get(address + "&consent=yes").headers().firstValue("Location").orElseThrow();
        assertThat(get(redirect).statusCode()).isEqualTo(200);
        assertThat(login.exitCode()).as(login.toString()).isZero();
        return login.stdout();
    }

    /** Each tenant by a door of its own, their keys in one file; one login is taken back while the file is worked on. */
    @Test
    void three_tenants_have_three_doors_and_the_end_of_one_login_stops_no_other() throws Exception {
        String person = "0d9f4f3e-7c1b-4a58-9e36-52c1a8b7d604";
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.builder()
                        .latency(Duration.ofMillis(20))
                        .build());
                Product product = Product.in(folder.resolve("home"))
                        .with("jtl.base-url", jtl.baseUrl())
                        .with("jtl.oauth.token-endpoint", jtl.tokenApi())
                        .with("jtl.tenants.cloud.tenant-id", Product.TENANT)
                        .with("jtl.tenants.cloud.oauth.client-id", "demo")
                        .with("jtl.tenants.cloud.oauth.client-secret", "demo")
                        .with("jtl.tenants.person.auth", "authorization-code")
                        .with("jtl.tenants.person.tenant-id", person)
                        .with("jtl.tenants.person.oauth.client-id", "demo")
                        .with("jtl.tenants.person.oauth.authorization-endpoint", jtl.loginUrl())
                        .with("jtl.tenants.person.oauth.redirect-uri", "http://127.0.0.1/callback")
                        .with("jtl.tenants.wawi.auth", "wawi-app")
                        .with("jtl.tenants.wawi.base-url", jtl.wawiUrl())
                        .with("contacts.secret-key", "a key of twenty characters")
                        .with("jtl.concurrency", "6")
                        .with("contacts.chunk-size", "50")
                        .with("contacts.max-wait", "1s")) {
            RunningProduct first = product.start("check");
            assertThat(first.exitCode()).isEqualTo(2);
            assertThat(first.stdout())
                    .contains("of tenant cloud: comes from", "run the command login --tenant person")
                    .contains("run the command register --tenant wawi");
            assertThat(logIn(product, "--tenant", "person")).contains("answers for tenant person (" + person + ")");
            RunningProduct register = product.start("register", "--wait", "1m", "--tenant", "WAWI");
            assertThat(register.exitCode()).as(register.toString()).isZero();
            RunningProduct check = product.start("check");
            assertThat(check.exitCode()).as(check.toString()).isZero();
            assertThat(check.stdout())
                    .contains("of tenant person: of the person who logged in", "of tenant wawi: of the app");

            StringBuilder keys = new StringBuilder("tenantId,customerId,contactId\n");
            for (int i = 0; i < 300; i++) {
                for (String tenant : List.of("cloud", i % 2 == 0 ? "person" : person, "Wawi")) {
                    keys.append(tenant)
                            .append(",00000000-0000-4000-8000-%012d,00000000-0000-4000-8000-%012d%n".formatted(i, i));
                }
            }
            Path file = Files.writeString(product.folder().resolve("keys.csv"), keys);
            RunningProduct halted = product.start("import", file.toString());
            await().atMost(Duration.ofMinutes(1))
                    .until(() -> jtl.stats().contactRequests() + jtl.stats().listRequests() > 150);
            jtl.endLogins();
            jtl.revokeTokens();
            assertThat(halted.exitCode()).as(halted.toString()).isEqualTo(3);
            assertThat(halted.toString()).contains("JTL for tenant person (" + person + ")");
            assertThat(Tables.of(product).contacts().size()).isBetween(600, 899);

            logIn(product, "--tenant", "person");
            RunningProduct again = product.start("import", file.toString());
            assertThat(again.exitCode()).as(again.toString()).isZero();
            assertThat(Tables.of(product).contacts().size()).isEqualTo(900);
        }
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
