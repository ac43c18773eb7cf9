package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What somebody meets who has nothing but the jar. */
@OnBothRuntimes
class DemoIT {

    @TempDir
    Path folder;

    @Test
    void the_demo_shows_contacts_crm_and_dead_letters_and_leaves_no_files_behind() throws IOException {
        try (Product product = Product.in(folder.resolve("work"))) {
            RunningProduct demo = product.start("demo");
            assertThat(demo.exitCode()).as(demo.toString()).isZero();
            assertThat(demo.stdout())
                    .contains(
                            "The first contacts:",
                            "honorific",
                            "Some of the dead letters:",
                            "not-found",
                            "invalid-key",
                            "Look around:",
                            "contacts.db",
                            "a simulated HubSpot on http://127.0.0.1:");
            // As JTL has it, and as the mapping makes it.
            assertThat(demo.stdout())
                    .contains("(0221) 4710-744", "+492214710744")
                    .containsPattern("to the CRM\n  delivered +230\n  no address +9\n.*\n  refused +0\n");
            assertThat(demo.stderr()).doesNotContain("WARN", "ERROR", "Exception");
            assertThat(product.folder()).isEmptyDirectory();

            Path keys = named(demo, "keys");
            assertThat(keys).isRegularFile();
            assertThat(named(demo, "dead letters")).isRegularFile();
            assertThat(named(demo, "database")).isRegularFile();
        }
    }

    private static Path named(RunningProduct demo, String what) {
        Matcher line = Pattern.compile("(?m)^  " + what + " +(/\\S+)").matcher(demo.stdout());
        assertThat(line.find()).as(what + " in " + demo.stdout()).isTrue();
        return Path.of(line.group(1));
    }

    @Test
    void the_simulator_says_where_it_listens_and_ends_with_0_when_terminated() throws IOException {
        try (Product product = Product.in(folder.resolve("work"))) {
            RunningProduct simulator = product.start("simulator", "--port", "0");
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> simulator.stdout().contains("jtl.base-url=http"));
            simulator.terminate();
            assertThat(simulator.exitCode(Duration.ofSeconds(20)))
                    .as(simulator.toString())
                    .isZero();
            assertThat(product.folder()).isEmptyDirectory();
        }
    }

    @Test
    void the_simulator_changes_contacts_by_itself_and_offers_a_crm() throws IOException {
        try (Product product = Product.in(folder.resolve("work"))) {
            RunningProduct simulator =
                    product.start("simulator", "--changed-share", "1", "--revision-every", "200ms", "--crm-port", "0");
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> simulator.stdout().contains("contacts.crm.token="));
            Properties settings = new Properties();
            settings.load(new StringReader(simulator.stdout()));
            settings.stringPropertyNames().forEach(key -> product.with(key, settings.getProperty(key)));
            Path keys = KeyFiles.good(1, 3).write(folder.resolve("keys.csv"));
            RunningProduct first = product.start("import", keys);
            assertThat(first.exitCode()).as(first.toString()).isZero();
            assertThat(first.stdout()).containsPattern("delivered +3\n");
            RunningProduct second = product.start("import", keys);
            assertThat(second.exitCode()).as(second.toString()).isZero();
            assertThat(second.stdout()).as("all have changed meanwhile").containsPattern("delivered +3\n");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "import --help", "run --help", "demo --help", "simulator --help"})
    void help_is_on_stdout_and_ends_with_0(String arguments) throws IOException {
        try (Product product = Product.in(folder.resolve("work"))) {
            RunningProduct help = product.start((Object[]) arguments.split(" "));
            assertThat(help.exitCode()).as(help.toString()).isZero();
            assertThat(help.stdout()).startsWith("Usage: jtl-contact-sync");
            assertThat(help.stderr()).isEmpty();
        }
    }

    @Test
    void the_version_is_printed() throws IOException {
        try (Product product = Product.in(folder.resolve("work"))) {
            RunningProduct version = product.start("--version");
            assertThat(version.exitCode()).as(version.toString()).isZero();
            assertThat(version.stdout()).matches("jtl-contact-sync \\d+\\.\\d+\\.\\d+\\S*\\s*");
        }
    }

    @Test
    void an_unknown_command_ends_with_2_and_the_usage() throws IOException {
        try (Product product = Product.in(folder.resolve("work"))) {
            RunningProduct unknown = product.start("improt");
            assertThat(unknown.exitCode()).as(unknown.toString()).isEqualTo(2);
            assertThat(unknown.stderr()).contains("improt", "Did you mean", "Usage: jtl-contact-sync");
            assertThat(unknown.stdout()).isEmpty();
            ImportCommandIT.assertNoStackTrace(unknown);
        }
    }
}
