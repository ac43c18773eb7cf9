package de.contactsync.faults;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.faults.agent.FailPoint;
import de.contactsync.product.Person;
import de.contactsync.product.Product;
import de.contactsync.product.RunningProduct;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * {@code register}, {@code login} and the renewal of a login, killed between the steps that leave something behind. What
 * was given out is kept then, or the next command says what a person is to do, and that helps.
 */
@Execution(ExecutionMode.CONCURRENT)
class DoorKillIT {

    private static final String REGISTRAR = "de.contactsync.jtl.WawiRegistrar";
    private static final String LOGIN = "de.contactsync.oauth.LoginFlow";
    private static final String TABLE = "de.contactsync.persistence.SecretTable";
    private static final String FILE = "de.contactsync.persistence.SecretFile";
    private static final String CIPHER = "de.contactsync.persistence.SecretCipher";
    private static final String TOKENS = "de.contactsync.persistence.RefreshTokenTable";

    private static final String KEYS =
            "customerId,contactId\n00000000-0000-4000-8000-000000000001,00000000-0000-4000-8000-000000000002\n";

    @TempDir
    Path folder;

    private final Person person = new Person();

    private static FailPoint before(String type, String method, int n) {
        return new FailPoint(type, method, true, n, FailPoint.HALT, "");
    }

    private static FailPoint after(String type, String method, int n) {
        return new FailPoint(type, method, false, n, FailPoint.HALT, "");
    }

    /** The first secret that is stored is a trial, which is taken away again; the second answer brings the key. */
    static Stream<FailPoint> pointsOfARegistration() {
        return Stream.of(
                after(TABLE, "put", 1),
                after(REGISTRAR, "begin", 1),
                after(REGISTRAR, "poll", 2),
                before(TABLE, "put", 2),
                after(FILE, "put", 4),
                after(TABLE, "put", 2));
    }

    static Stream<FailPoint> pointsOfALogin() {
        return Stream.of(
                before(LOGIN, "complete", 1),
                after(LOGIN, "complete", 1),
                after(CIPHER, "encrypt", 2),
                after(TABLE, "put", 2));
    }

    static Stream<FailPoint> pointsOfARenewal() {
        return Stream.of(after(TOKENS, "claim", 1), before(TOKENS, "release", 1), after(TOKENS, "release", 1));
    }

    private Path keys(Product product) throws Exception {
        return Files.writeString(product.folder().resolve("keys.csv"), KEYS);
    }

    private static void assertKilled(RunningProduct product, FailPoint point) {
        assertThat(product.exitCode()).as(product.toString()).isEqualTo(FailPoint.EXIT_CODE);
        assertThat(product.stderr()).contains(FailPoint.MARK + point);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("pointsOfARegistration")
    void a_killed_registration_has_its_key_or_says_how_to_register_again(FailPoint point) throws Exception {
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.defaults());
                Product product = Product.in(folder.resolve("home"))
                        .with("jtl.auth", "wawi-app")
                        .with("jtl.base-url", jtl.wawiUrl())
                        .with("contacts.max-wait", "1s")) {
            Path keys = keys(product);
            assertKilled(product.jvm(Faults.at(point)).start("register", "--wait", "1m"), point);
            product.jvm();
            RunningProduct imported = product.start("import", keys);
            if (imported.exitCode() != 0) {
                assertThat(imported.exitCode()).as(imported.toString()).isEqualTo(3);
                assertThat(imported.toString()).contains("run the command register");
                RunningProduct register = product.start("register", "--wait", "1m");
                if (register.exitCode() != 0) {
                    assertThat(register.toString())
                            .contains("is already registered: remove it in JTL-Wawi", "and run register again");
                    jtl.revokeKeys();
                    register = product.start("register", "--wait", "1m");
                }
                assertThat(register.exitCode()).as(register.toString()).isZero();
                imported = product.start("import", keys);
            }
            assertThat(imported.exitCode()).as(imported.toString()).isZero();
        }
    }

    private static Product withLogin(Product product, JtlSimulator jtl) {
        return product.with("jtl.auth", "authorization-code")
                .with("jtl.base-url", jtl.baseUrl())
                .with("jtl.tenant-id", Product.TENANT)
                .with("jtl.oauth.client-id", "demo")
                .with("jtl.oauth.token-endpoint", jtl.tokenApi())
                .with("jtl.oauth.authorization-endpoint", jtl.loginUrl())
                .with("jtl.oauth.redirect-uri", "http://127.0.0.1/callback")
                .with("contacts.secret-key", "a key of twenty characters")
                .with("contacts.max-wait", "1s");
    }

    /** The import that is made next does its work, if need be after what it says was done. */
    private void assertHelpsItself(Product product) throws Exception {
        Path keys = keys(product);
        RunningProduct imported = product.start("import", keys);
        if (imported.exitCode() != 0) {
            assertThat(imported.exitCode()).as(imported.toString()).isEqualTo(3);
            assertThat(imported.toString().toLowerCase(Locale.ROOT)).contains("log in", "with the command login");
            assertThat(person.logIn(product).exitCode()).isZero();
            imported = product.start("import", keys);
        }
        assertThat(imported.exitCode()).as(imported.toString()).isZero();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("pointsOfALogin")
    void a_killed_login_is_stored_or_says_to_log_in_again(FailPoint point) throws Exception {
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.defaults());
                Product product = withLogin(Product.in(folder.resolve("home")), jtl)) {
            assertKilled(person.logIn(product.jvm(Faults.at(point))), point);
            product.jvm();
            assertHelpsItself(product);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("pointsOfARenewal")
    void a_renewal_that_was_killed_is_made_again_or_says_to_log_in_again(FailPoint point) throws Exception {
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.defaults());
                Product product = withLogin(Product.in(folder.resolve("home")), jtl)) {
            assertThat(person.logIn(product).exitCode()).isZero();
            // login has made a call, whose access token others may use.
            jtl.revokeTokens();
            assertKilled(product.jvm(Faults.at(point)).start("import", keys(product)), point);
            product.jvm();
            assertHelpsItself(product);
        }
    }
}
