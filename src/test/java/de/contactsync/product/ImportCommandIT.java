package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What scripts around {@code import} rely on: exit codes, the JSON, what goes to stdout and what to stderr. */
class ImportCommandIT {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final List<String> FIELDS = List.of(
            "file",
            "total",
            "stored",
            "notFound",
            "rejected",
            "invalid",
            "failed",
            "duplicates",
            "resumed",
            "halted",
            "seconds",
            "contactsPerSecond");

    @TempDir
    Path folder;

    private JtlSimulator jtl;
    private Product product;

    @BeforeEach
    void start() throws IOException {
        jtl = JtlSimulator.start(SimulatorOptions.builder().countKeys(true).build());
        product = Product.in(folder.resolve("work")).against(jtl);
    }

    @AfterEach
    void stop() {
        product.close();
        jtl.close();
    }

    @Test
    void when_every_key_is_stored_it_ends_with_0_and_leaves_nothing_beside_the_file() throws IOException {
        Path keys = KeyFiles.good(1, 50).write(folder.resolve("keys/good.csv"));
        RunningProduct done = product.start("import", keys);
        assertThat(done.exitCode()).as(done.toString()).isZero();
        assertThat(done.out().get(0)).startsWith(keys + ": 50 records in ");
        assertThat(done.stdout()).contains("  stored            50").doesNotContain("errors.csv");
        assertThat(keys.getParent()).isDirectoryContaining(path -> path.equals(keys));
        assertThat(filesBeside(keys)).containsExactly("good.csv");
        assertNoStackTrace(done);
    }

    @Test
    @OnBothRuntimes
    void dead_letters_end_with_1_and_stand_in_a_report_beside_the_file_which_stays() throws IOException {
        KeyFiles file = KeyFiles.good(2, 20).addInvalid();
        Path keys = file.write(folder.resolve("keys/some.csv"));
        RunningProduct done = product.start("import", keys);
        assertThat(done.exitCode()).as(done.toString()).isEqualTo(1);
        assertThat(done.stdout()).contains(keys + ".errors.csv");
        assertThat(filesBeside(keys)).containsExactly("some.csv", "some.csv.errors.csv");
        assertThat(keys).hasContent(file.text());
        assertThat(Files.readAllLines(Path.of(keys + ".errors.csv")))
                .hasSize(2)
                .first()
                .isEqualTo("line,key,reason,status,code,message");
        assertThat(Files.readAllLines(Path.of(keys + ".errors.csv")).get(1))
                .startsWith("22,")
                .contains("invalid-key");
    }

    @Test
    @OnBothRuntimes
    void json_is_one_object_a_file_with_the_documented_fields_and_a_total_that_adds_up() throws IOException {
        KeyFiles mixed = KeyFiles.mixed(3, 300, 0.1, 0.1);
        Path first = mixed.write(folder.resolve("keys/mixed.csv"));
        Path second = KeyFiles.good(4, 7).write(folder.resolve("keys/good.csv"));
        RunningProduct done = product.start("import", "--json", first, second);
        assertThat(done.exitCode()).as(done.toString()).isEqualTo(1);
        assertThat(done.out()).as("nothing but results on stdout").hasSize(2);

        JsonNode summary = JSON.readTree(done.out().get(0));
        assertThat(summary.fieldNames()).toIterable().containsExactlyElementsOf(FIELDS);
        assertThat(summary.get("file").textValue()).isEqualTo(first.toString());
        assertThat(summary.get("total").longValue()).isEqualTo(300).isEqualTo(accountedFor(summary));
        assertThat(summary.get("stored").longValue()).isEqualTo(mixed.keys().size());
        assertThat(summary.get("invalid").longValue()).isEqualTo(mixed.invalid());
        assertThat(summary.get("duplicates").longValue()).isEqualTo(mixed.duplicates());
        assertThat(summary.get("resumed").longValue()).isZero();
        assertThat(summary.get("halted").booleanValue()).isFalse();
        assertThat(summary.get("seconds").doubleValue()).isPositive();
        assertThat(summary.get("contactsPerSecond").isIntegralNumber()).isTrue();

        assertThat(JSON.readTree(done.out().get(1)).get("stored").longValue()).isEqualTo(7);
        assertThat(done.stderr()).doesNotContain("WARN", "ERROR");
    }

    @Test
    void a_finished_file_given_again_is_a_new_run() throws IOException {
        Path keys = KeyFiles.good(5, 30).write(folder.resolve("keys.csv"));
        assertThat(product.start("import", keys).exitCode()).isZero();
        jtl.revision(1);
        RunningProduct again = product.start("import", "--json", keys);
        assertThat(again.exitCode()).as(again.toString()).isZero();
        assertThat(JSON.readTree(again.stdout()).get("resumed").longValue()).isZero();
        Tables tables = Tables.of(product);
        assertThat(tables.runs()).hasSize(2);
        assertThat(tables.contacts()).hasSize(30);
        assertThat(tables.number("SELECT count(*) FROM contact WHERE changed_at > first_seen_at"))
                .isBetween(1L, 15L);
    }

    @Test
    @OnBothRuntimes
    void wrong_usage_ends_with_2_and_says_what_to_do() throws IOException {
        Path keys = KeyFiles.good(6, 5).write(folder.resolve("keys.csv"));

        RunningProduct missing = product.start("import", folder.resolve("nowhere.csv"), keys);
        assertThat(missing.exitCode()).isEqualTo(2);
        assertThat(missing.stderr()).contains("nowhere.csv does not exist");

        RunningProduct nothing = product.start("import");
        assertThat(nothing.exitCode()).isEqualTo(2);
        assertThat(nothing.stderr()).contains("FILE", "Usage: jtl-contact-sync import");

        RunningProduct misspelt = product.with("contacts.chunksize", 10).start("import", keys);
        assertThat(misspelt.exitCode()).isEqualTo(2);
        assertThat(misspelt.stderr()).contains("contacts.chunksize", "Did you mean contacts.chunk-size?");
        product.without("contacts.chunksize");

        RunningProduct nobody = product.without("jtl.oauth.client-id").start("import", keys);
        assertThat(nobody.exitCode()).isEqualTo(2);
        assertThat(nobody.stderr()).contains("jtl.oauth.client-id");

        for (RunningProduct runningProduct : List.of(missing, nothing, misspelt, nobody)) {
            assertThat(runningProduct.stdout()).isEmpty();
            assertNoStackTrace(runningProduct);
        }
        assertThat(product.database()).doesNotExist();
        assertThat(jtl.stats().contactRequests()).isZero();
    }

    /** The first was said not to exist; for the second, a folder "B??cher" was made beside it. */
    @Test
    void names_that_the_locale_cannot_hold_end_with_2_and_the_remedy() throws IOException {
        assumeThat(System.getProperty("sun.jnu.encoding")).isEqualTo("UTF-8");
        Path keys = KeyFiles.good(7, 5).write(folder.resolve("Kündigungen.csv"));

        RunningProduct file = product.inLocale("C").start("import", keys);
        assertThat(file.exitCode()).isEqualTo(2);
        assertThat(file.stderr()).contains("ndigungen.csv cannot be found", "LC_ALL=C.UTF-8");

        try (Product inFolder =
                Product.in(folder.resolve("Bücher")).against(jtl).inLocale("C")) {
            RunningProduct there = inFolder.start("import", "keys.csv");
            assertThat(there.exitCode()).isEqualTo(2);
            assertThat(there.stderr()).contains("working folder", "LC_ALL=C.UTF-8");
            assertThat(inFolder.folder()).isEmptyDirectory();
        }
    }

    @Test
    void a_file_without_key_columns_exits_with_2_and_does_not_block_the_others() throws IOException {
        Path prose = folder.resolve("keys/prose.csv");
        Path good = KeyFiles.good(7, 9).write(folder.resolve("keys/good.csv"));
        Files.writeString(prose, "Liebe Kollegen,\nanbei die Liste.\n");
        RunningProduct done = product.start("import", "--json", prose, good);
        assertThat(done.exitCode()).as(done.toString()).isEqualTo(2);
        assertThat(done.out()).hasSize(2);
        assertThat(JSON.readTree(done.out().get(0)).get("message").textValue())
                .contains("Liebe Kollegen", "customerId and contactId");
        assertThat(JSON.readTree(done.out().get(1)).get("stored").longValue()).isEqualTo(9);
        assertThat(filesBeside(prose)).containsExactly("good.csv", "prose.csv");
        assertNoStackTrace(done);
    }

    @Test
    void a_file_that_breaks_off_ends_with_2_every_time_it_is_given() throws IOException {
        Path broken = folder.resolve("keys/broken.csv.gz");
        Files.createDirectories(broken.getParent());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(KeyFiles.good(8, 2_000).text().getBytes(StandardCharsets.UTF_8));
        }
        Files.write(broken, Arrays.copyOf(bytes.toByteArray(), bytes.size() / 2));
        for (int i = 1; i <= 2; i++) {
            RunningProduct done = product.start("import", "--json", broken);
            assertThat(done.exitCode()).as(done.toString()).isEqualTo(2);
            JsonNode summary = JSON.readTree(done.stdout());
            assertThat(summary.get("message").textValue()).contains("gzip");
            assertThat(summary.get("stored").longValue()).isPositive();
            assertThat(Tables.of(product).runs())
                    .as("each time it is a new run")
                    .hasSize(i);
        }
    }

    @Test
    @OnBothRuntimes
    void when_terminated_it_commits_what_is_in_flight_exits_with_3_and_can_resume() throws IOException {
        assertStoppable(RunningProduct::terminate);
    }

    @Test
    void interrupted_at_the_keyboard_it_does_the_same() throws IOException {
        product.heedingInterrupts();
        assertStoppable(RunningProduct::interrupt);
    }

    private void assertStoppable(java.util.function.Consumer<RunningProduct> stop) throws IOException {
        KeyFiles file = KeyFiles.good(9, 4_000);
        Path keys = file.write(folder.resolve("keys.csv"));
        Path other = KeyFiles.good(10, 3).write(folder.resolve("other.csv"));
        try (JtlSimulator slow = JtlSimulator.start(SimulatorOptions.builder()
                .latency(Duration.ofMillis(50))
                .countKeys(true)
                .build())) {
            product.against(slow).with("contacts.chunk-size", 50);
            RunningProduct runningProduct = product.start("import", "--json", keys, other);
            await().atMost(Duration.ofSeconds(60)).until(() -> slow.stats().contactRequests() > 1_000);
            long asked = slow.stats().contactRequests();
            stop.accept(runningProduct);
            assertThat(runningProduct.exitCode(Duration.ofSeconds(30)))
                    .as(runningProduct.toString())
                    .isEqualTo(3);
            assertThat(slow.stats().contactRequests() - asked)
                    .as("no further chunks begin")
                    .isLessThan(1_000);
            assertThat(runningProduct.out())
                    .as("one line a file, also of those it did not come to")
                    .hasSize(2);
            JsonNode summary = JSON.readTree(runningProduct.out().get(0));
            assertThat(summary.get("halted").booleanValue()).isTrue();
            assertThat(accountedFor(summary))
                    .as("what was asked is committed")
                    .isEqualTo(slow.stats().keysAsked());
            assertNoStackTrace(runningProduct);

            RunningProduct next = product.start("import", "--json", keys, other);
            assertThat(next.exitCode()).as(next.toString()).isZero();
            assertThat(JSON.readTree(next.out().get(0)).get("resumed").longValue())
                    .isEqualTo(accountedFor(summary));
            assertThat(slow.askedAgain()).isEmpty();
            assertThat(Tables.of(product).runs()).hasSize(2);
            assertThat(Tables.of(product).number("SELECT count(*) FROM contact"))
                    .isEqualTo(4_003);
        }
    }

    private static long accountedFor(JsonNode summary) {
        return List.of("stored", "notFound", "rejected", "invalid", "failed", "duplicates").stream()
                .mapToLong(field -> summary.get(field).longValue())
                .sum();
    }

    static void assertNoStackTrace(RunningProduct runningProduct) {
        assertThat(runningProduct.stdout() + runningProduct.stderr())
                .doesNotContain("\tat ", "Caused by:", "Exception in thread")
                .doesNotContainPattern("(?m)^([a-z]\\w*\\.)+\\w+(Exception|Error)");
    }

    private static List<String> filesBeside(Path file) throws IOException {
        List<String> names = new ArrayList<>();
        try (var files = Files.list(file.getParent())) {
            files.forEach(path -> names.add(path.getFileName().toString()));
        }
        names.sort(null);
        return names;
    }
}
