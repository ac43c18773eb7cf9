package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import de.contactsync.FreePort;
import de.contactsync.model.JtlId;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.RequestedKey;
import de.contactsync.simulator.SimulatorOptions;
import de.contactsync.simulator.Wawi;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The doors to JTL beside the service account, from the first command to a stored contact. */
@Order(1)
class JtlAuthenticationIT {

    private static final Duration LONG = Duration.ofSeconds(90);

    @TempDir
    Path folder;

    private static final String PERSON = "0d9f4f3e-7c1b-4a58-9e36-52c1a8b7d604";

    private final Person person = new Person();

    private static final String KEYS =
            "customerId,contactId\n00000000-0000-4000-8000-000000000001," + "00000000-0000-4000-8000-000000000002\n";

    private Path keys(Product product) throws Exception {
        return Files.writeString(product.folder().resolve("keys.csv"), KEYS);
    }

    private String logIn(Product product, String... more) throws Exception {
        RunningProduct login = person.logIn(product, more);
        assertThat(login.exitCode()).as(login.toString()).isZero();
        return login.stdout();
    }

    /** Tenants {@code cloud}, {@code person} and {@code wawi}. */
    private Product threeDoors(JtlSimulator jtl) throws Exception {
        return Product.in(folder.resolve("home"))
                .with("jtl.base-url", jtl.baseUrl())
                .with("jtl.oauth.token-endpoint", jtl.tokenApi())
                .with("jtl.tenants.cloud.tenant-id", Product.TENANT)
                .with("jtl.tenants.cloud.oauth.client-id", "demo")
                .with("jtl.tenants.cloud.oauth.client-secret", "demo")
                .with("jtl.tenants.person.auth", "authorization-code")
                .with("jtl.tenants.person.tenant-id", PERSON)
                .with("jtl.tenants.person.oauth.client-id", "demo")
                .with("jtl.tenants.person.oauth.authorization-endpoint", jtl.loginUrl())
                .with("jtl.tenants.person.oauth.redirect-uri", "http://127.0.0.1/callback")
                .with("jtl.tenants.wawi.auth", "wawi-app")
                .with("jtl.tenants.wawi.base-url", jtl.wawiUrl())
                .with("contacts.secret-key", "a key of twenty characters")
                .with("jtl.concurrency", "6")
                .with("contacts.chunk-size", "50")
                .with("contacts.max-wait", "1s");
    }

    /** Each tenant by a door of its own, their keys in one file; one login is taken back while the file is worked on. */
    @Test
    void three_tenants_have_three_doors_and_the_end_of_one_login_stops_no_other() throws Exception {
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.builder()
                        .latency(Duration.ofMillis(20))
                        .build());
                Product product = threeDoors(jtl)) {
            RunningProduct first = product.start("check");
            assertThat(first.exitCode()).isEqualTo(2);
            assertThat(first.stdout())
                    .contains("of tenant cloud: comes from", "log in with the command login --tenant person")
                    .contains("run the command register --tenant wawi");
            assertThat(logIn(product, "--tenant", "person")).contains("answers for tenant person (" + PERSON + ")");
            RunningProduct register = product.start("register", "--wait", "1m", "--tenant", "WAWI");
            assertThat(register.exitCode()).as(register.toString()).isZero();
            RunningProduct check = product.start("check");
            assertThat(check.exitCode()).as(check.toString()).isZero();
            assertThat(check.stdout())
                    .contains("of tenant person: of the person who logged in", "of tenant wawi: of the app");

            StringBuilder keys = new StringBuilder("tenantId,customerId,contactId\n");
            for (int i = 0; i < 300; i++) {
                for (String tenant : List.of("cloud", i % 2 == 0 ? "person" : PERSON, "Wawi")) {
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
            assertThat(halted.toString()).contains("JTL for tenant person (" + PERSON + ")");
            assertThat(Tables.of(product).contacts().size()).isBetween(600, 899);

            logIn(product, "--tenant", "person");
            RunningProduct again = product.start("import", file.toString());
            assertThat(again.exitCode()).as(again.toString()).isZero();
            assertThat(Tables.of(product).contacts().size()).isEqualTo(900);
        }
    }

    /** Once, only the customers of {@code jtl.tenant-id} could be gone through. */
    @Test
    void a_schedule_goes_through_the_customers_of_each_tenant_by_its_door() throws Exception {
        List<RequestedKey> contacts =
                new ArrayList<>(KeyFiles.ofCustomers(91, 30, 2).calledKeys());
        // Of API 1, which one of the tenants has.
        for (int i = 1; i <= 60; i++) {
            contacts.add(new RequestedKey(JtlId.of((i + 1) / 2), JtlId.of(1000 + i)));
        }
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.builder()
                        .contacts(contacts)
                        .changedShare(1)
                        .wawi(new Wawi(Wawi.Registration.ACCEPTED, 1, 1))
                        .build());
                Product product = threeDoors(jtl)
                        .with("contacts.sources", "timer")
                        .with("contacts.timer.schedule", "1h")
                        .with("contacts.timer.run-now", true)
                        .with("contacts.timer.keys", "customers")
                        .with("contacts.timer.changed-since", "lastChangeFrom")) {
            Tables tables = Tables.of(product);
            assertThat(product.start("register", "--wait", "1m", "--tenant", "wawi")
                            .exitCode())
                    .isZero();
            RunningProduct run = product.start("run");
            await().alias(run.toString())
                    .atMost(LONG)
                    .until(() -> tables.contacts().size() == 120);
            await().atMost(LONG)
                    .untilAsserted(
                            () -> assertThat(run.toString()).contains("log in with the command login --tenant person"));
            assertThat(tables.rows("SELECT file_name FROM import_run WHERE closed_at IS NULL"))
                    .containsExactly(List.of("timer of person"));

            logIn(product, "--tenant", "person");
            await().alias(run.toString())
                    .atMost(LONG)
                    .until(() -> tables.contacts().size() == 180);
            await().atMost(LONG).until(() -> tables.closed() == 3);
            run.close();

            jtl.revision(1);
            List<List<String>> before = tables.contacts();
            RunningProduct again = product.start("run");
            await().alias(again.toString()).atMost(LONG).until(() -> tables.closed() == 6);
            assertThat(tables.contacts()).doesNotContainAnyElementsOf(before);
            assertThat(tables.rows("SELECT tenant, count(*), count(changed_since) FROM timer_run GROUP BY tenant"
                            + " ORDER BY tenant"))
                    .containsExactly(
                            List.of("cloud", "2", "1"), List.of("person", "2", "1"), List.of("wawi", "2", "1"));
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
            // It told whoever wanted to log out to log in.
            RunningProduct nobody = product.start("logout");
            assertThat(nobody.exitCode()).as(nobody.toString()).isZero();
            assertThat(nobody.stdout()).contains("Nobody was logged in.");

            RunningProduct login = product.start("login", "--wait", "1m");
            String redirect = person.consent(login);
            assertThat(person.get(redirect.replaceFirst("state=[^&]*", "state=forged"))
                            .statusCode())
                    .isEqualTo(400);
            assertThat(person.get(redirect).statusCode()).isEqualTo(200);
            assertThat(login.exitCode()).as(login.toString()).isZero();
            assertThat(login.stdout()).contains("Logged in. The login is stored, encrypted", "answers for tenant");

            RunningProduct imported = product.start("import", keys.toString());
            assertThat(imported.exitCode()).as(imported.toString()).isZero();
            assertThat(jtl.reusedRefreshTokens()).isZero();

            RunningProduct away = product.with("jtl.oauth.revocation-endpoint", "http://127.0.0.1:" + FreePort.next())
                    .start("logout");
            assertThat(away.exitCode()).as(away.toString()).isEqualTo(3);
            assertThat(away.stderr()).contains("The login was not deleted here", "unset jtl.oauth.revocation-endpoint");

            RunningProduct logout = product.with("jtl.oauth.revocation-endpoint", jtl.revocationUrl())
                    .start("logout");
            assertThat(logout.exitCode()).as(logout.toString()).isZero();
            assertThat(logout.stdout()).contains("JTL has revoked the login");
            RunningProduct without = product.start("import", keys.toString());
            assertThat(without.exitCode()).isEqualTo(3);
            assertThat(without.toString()).contains("log in with the command login");
        }
    }

    private static String shown(RunningProduct command) {
        command.exitCode();
        return command.toString();
    }

    /** What is given out is kept in the file at first, and encrypted from the rotation on. */
    @Test
    void no_command_shows_what_jtl_gave_out_and_no_byte_of_it_stays_in_clear() throws Exception {
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.defaults());
                Product product = threeDoors(jtl).without("contacts.secret-key")) {
            String[] lines = KEYS.split("\n");
            Path keys = Files.writeString(
                    product.folder().resolve("keys.csv"),
                    "tenantId," + lines[0] + "\nperson," + lines[1] + "\nwawi," + lines[1] + "\n");
            StringBuilder shown = new StringBuilder();
            shown.append(logIn(product, "--tenant", "person"));
            shown.append(shown(product.start("register", "--wait", "1m", "--tenant", "wawi")));
            shown.append(shown(product.start("import", keys)));
            List<String> secrets = new ArrayList<>();
            Path file = product.folder().resolve("data/contacts.db.secrets");
            Matcher value = Pattern.compile("(?m)^jtl[^=]*=(?:.*\"key\\\\?\"\\\\?:\\\\?\"([^\"\\\\]+).*|(.*))$")
                    .matcher(Files.readString(file));
            while (value.find()) {
                secrets.add(value.group(1) == null ? value.group(2) : value.group(1));
            }
            assertThat(secrets).as("a key, a refresh token, an access token").hasSize(3);

            for (String command : List.of("check", "settings", "secrets", "runs")) {
                shown.append(shown(product.start(command)));
            }
            String key = "the key of twenty characters";
            shown.append(shown(product.with("contacts.secret-key", key).start("secrets", "rotate")));
            secrets.add(key);
            for (String command : List.of("secrets", "check", "settings")) {
                shown.append(shown(product.start(command)));
            }
            assertThat(shown.toString())
                    .contains("encrypted with contacts.secret-key", "of the app")
                    .doesNotContain(secrets);
            for (Path kept : List.of(file, product.folder().resolve("data/contacts.db"))) {
                assertThat(Files.readString(kept, StandardCharsets.ISO_8859_1)).doesNotContain(secrets);
            }
            RunningProduct imported = product.start("import", keys);
            assertThat(imported.exitCode()).as(imported.toString()).isZero();
        }
    }

    /** API 1 of JTL-Wawi has numbers where API 2 and the cloud have uuids. */
    @Test
    void numbers_are_keys_where_a_jtl_wawi_has_api_1_and_nowhere_else() throws Exception {
        String uuid = "00000000-0000-4000-8000-000000000001";
        String number =
                "expected a whole number from 1 to 2147483647 without leading zeros, as this tenant's JTL-Wawi is"
                        + " called by its API 1";
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.builder()
                        .wawi(new Wawi(Wawi.Registration.ACCEPTED, 1, 1))
                        .notFoundShare(0.2)
                        .build());
                Product product = threeDoors(jtl)) {
            Path csv = Files.writeString(
                    product.folder().resolve("keys.csv"),
                    "tenantId;customerId;contactId\nwawi;7;1\nwawi;7;2\nwawi;7;3\nwawi;8;4\nwawi;" + uuid
                            + ";5\ncloud;7;1\n" + "cloud;" + uuid + ";" + uuid + "\nwawi;7;x\n");
            Path json = Files.writeString(
                    product.folder().resolve("keys.json"),
                    "[{\"tenantId\":\"wawi\",\"customerId\":9,\"contactId\":1},"
                            + "{\"tenantId\":\"wawi\",\"customerId\":\"9\",\"contactId\":\"2147483647\"}]");
            RunningProduct register = product.start("register", "--wait", "1m", "--tenant", "wawi");
            assertThat(register.exitCode()).as(register.toString()).isZero();
            assertThat(register.stdout()).contains("answers for tenant wawi");

            RunningProduct imported = product.start("import", csv.toString(), json.toString());
            assertThat(imported.exitCode()).as(imported.toString()).isEqualTo(1);
            Tables tables = Tables.of(product);
            List<List<String>> rows = tables.rows(
                    "SELECT position, reason, error_message FROM dead_letter WHERE reason <> 'not-found' ORDER BY"
                            + " position");
            assertThat(rows.stream().map(row -> row.get(0) + " " + row.get(1)))
                    .containsExactly("6 invalid-key", "7 invalid-key", "9 invalid-key");
            assertThat(rows.get(0).get(2)).isEqualTo("customerId is \"" + uuid + "\": " + number);
            assertThat(rows.get(1).get(2)).startsWith("customerId is \"7\": expected a uuid such as");
            assertThat(rows.get(2).get(2)).isEqualTo("contactId is \"x\": " + number);
            assertThat(tables.rows(
                            "SELECT tenant_id FROM dead_letter WHERE position IN ('7', '9') AND tenant_id IS NULL"))
                    .isEmpty();
            int stored = tables.contacts().size();
            int notFound = tables.rows("SELECT 1 FROM dead_letter WHERE reason = 'not-found'")
                    .size();
            assertThat(stored + notFound).isEqualTo(7);
            assertThat(stored).isGreaterThan(2);
            assertThat(Files.readString(product.folder().resolve("keys.csv.errors.csv")))
                    .contains(uuid + "/5", "cloud;7;1");

            assertThat(product.start("explain", "7/1", "--tenant", "wawi").exitCode())
                    .isZero();
            RunningProduct explained = product.start("explain", "7/1", "--tenant", "cloud");
            assertThat(explained.exitCode()).isEqualTo(2);
            assertThat(explained.toString()).contains("customerId is \"7\": expected a uuid");
            RunningProduct forgotten = product.start("forget", "--customer", "7", "--tenant", "wawi");
            assertThat(forgotten.exitCode()).as(forgotten.toString()).isZero();
            assertThat(tables.contacts().size()).isLessThan(stored);
            RunningProduct again = product.start("explain", "7/1", "--tenant", "wawi");
            assertThat(again.exitCode()).as(again.toString()).isZero();
            assertThat(again.stdout()).contains("Forgotten");

            // A uuid was taken for a key of it, and became a dead letter; only the registration tells that it is none.
            int port = FreePort.next();
            RunningProduct running = product.with("contacts.sources", "http")
                    .with("contacts.http.port", port)
                    .with("contacts.http.token", "a-token-of-more-than-twenty-characters")
                    .start("run");
            await().alias(running.toString())
                    .atMost(LONG)
                    .until(() -> running.stderr().contains("Taking keys over HTTP"));
            HttpResponse<String> refused = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/contact-keys"))
                                    .header("Authorization", "Bearer a-token-of-more-than-twenty-characters")
                                    .header("Content-Type", "application/json")
                                    .POST(HttpRequest.BodyPublishers.ofString(
                                            "{\"tenantId\":\"wawi\",\"customerId\":\"" + uuid + "\",\"contactId\":5}"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(refused.statusCode()).as(refused.body()).isEqualTo(400);
            assertThat(refused.body()).contains(number);
        }
    }

    /** It said that nobody had accepted, while an answer with the key had been lost: the app was registered. */
    @Test
    void the_wait_for_a_person_ends_with_a_last_request() throws Exception {
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.builder()
                        .wawi(new Wawi(Wawi.Registration.KEY_LOST, 2, 0))
                        .build());
                Product product = Product.in(folder.resolve("home"))
                        .with("jtl.auth", "wawi-app")
                        .with("jtl.base-url", jtl.wawiUrl())) {
            RunningProduct register = product.start("register", "--wait", "3s");
            assertThat(register.exitCode()).as(register.toString()).isEqualTo(3);
            assertThat(register.stderr())
                    .contains("its key was collected before")
                    .doesNotContain("was not accepted");
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
            // It ended with "nothing was imported into it; check contacts.database.url", and missed an access token.
            RunningProduct check = product.start("check");
            assertThat(check.exitCode()).isEqualTo(2);
            assertThat(check.stdout())
                    .contains(
                            "FAIL  key       This app is not registered with the JTL-Wawi at " + jtl.wawiUrl()
                                    + ": run the command register. The database",
                            "not tried: no key");
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
