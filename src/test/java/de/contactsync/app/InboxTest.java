package de.contactsync.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import de.contactsync.CapturedLog;
import de.contactsync.config.ApplicationFixture;
import de.contactsync.persistence.TestDatabase;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.zip.GZIPOutputStream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Files dropped into the inbox, through the shipped routes, from a simulated JTL into a real database. */
@Tag("slow")
public class InboxTest {

    @TempDir
    Path folder;

    private final CapturedLog log = new CapturedLog("de.contactsync");
    private JtlSimulator simulator;

    @BeforeEach
    void start_the_simulator() {
        simulator = JtlSimulator.start(
                SimulatorOptions.builder().notFoundShare(0.2).countKeys(true).build());
    }

    @AfterEach
    void stop_the_simulator() {
        simulator.close();
        log.close();
    }

    public static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(90)).pollInterval(Duration.ofMillis(50));
    }

    @ParameterizedTest
    @EnumSource
    void every_kind_of_file_ends_in_the_database_and_in_done(TestDatabase.Kind kind) throws Exception {
        try (TestDatabase database = TestDatabase.create(kind)) {
            ApplicationFixture fixture = new ApplicationFixture(folder, database);
            try (Application application = fixture.start(simulator)) {
                fixture.drop("a.csv", ApplicationFixture.csv(0, 25).getBytes(Charset.forName("windows-1252")));
                fixture.drop("b.ndjson", ApplicationFixture.jsonLines(25, 12).getBytes(StandardCharsets.UTF_8));
                fixture.drop(
                        "c.json",
                        ("[" + ApplicationFixture.jsonLines(37, 12).strip().replace("\n", ",") + "]")
                                .getBytes(StandardCharsets.UTF_8));
                fixture.drop(
                        "d.CSV.GZ", gzip(ApplicationFixture.csv(49, 11) + "no key\n" + ApplicationFixture.csv(0, 1)));

                soon().until(() -> fixture.closedRuns() == 4);
            }
            fixture.assertContacts(simulator, 0, 60);
            long unknown = 60 - database.count("contact");
            assertThat(unknown).isPositive();
            assertThat(database.rows("SELECT file_name, total, done, invalid, duplicates, state FROM import_run"
                            + " ORDER BY file_name"))
                    .containsExactly(
                            "a.csv|25|25|0|0|finished",
                            "b.ndjson|12|12|0|0|finished",
                            "c.json|12|12|0|0|finished",
                            "d.CSV.GZ|14|14|2|0|finished");
            assertThat(database.count("dead_letter WHERE reason = 'not-found'")).isGreaterThanOrEqualTo(unknown);
            assertThat(fixture.files())
                    .contains(
                            ".done/a.csv",
                            ".done/b.ndjson",
                            ".done/c.json",
                            ".done/d.CSV.GZ",
                            ".done/d.CSV.GZ.errors.csv")
                    .allMatch(name -> name.startsWith(".done/"));
            assertThat(Files.readAllLines(fixture.inbox.resolve(".done/d.CSV.GZ.errors.csv")))
                    .startsWith("line,key,reason,status,code,message")
                    .anyMatch(line -> line.startsWith("13,no key,invalid-key,,,"));
            assertThat(simulator.stats().tokenRequests()).isEqualTo(1);
            assertThat(log.lines()).noneMatch(line -> line.contains("Müller"));
        }
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    @Test
    void key_files_are_distinguished_from_other_files() throws Exception {
        try (TestDatabase database = TestDatabase.create(TestDatabase.Kind.SQLITE)) {
            ApplicationFixture fixture = new ApplicationFixture(folder, database);
            Path within = Files.createDirectories(fixture.inbox.resolve("x.csv"));
            Files.writeString(within.resolve("inner.csv"), ApplicationFixture.csv(500, 3));
            Path outside = Files.createDirectories(folder.resolve("outside"));
            Files.writeString(outside.resolve("far.csv"), ApplicationFixture.csv(600, 3));
            Files.createSymbolicLink(fixture.inbox.resolve("link"), outside);
            Files.createSymbolicLink(fixture.inbox.resolve("link.csv"), outside.resolve("far.csv"));
            Files.writeString(fixture.inbox.resolve("old.csv.errors.csv"), ApplicationFixture.csv(700, 3));
            try (Application application = fixture.start(simulator)) {
                fixture.drop("people.csv", "name;city\nMeier;Köln\n".getBytes(StandardCharsets.UTF_8));
                soon().until(() -> Files.exists(fixture.inbox.resolve(".failed/people.csv")));
                fixture.drop("empty.csv", new byte[0]);
                fixture.drop("nothing.csv", "customerId;contactId\n".getBytes(StandardCharsets.UTF_8));
                fixture.drop("keys.csv", ApplicationFixture.csv(0, 5).getBytes(StandardCharsets.UTF_8));
                soon().until(() -> fixture.closedRuns() == 2);

                fixture.drop("keys.csv", ApplicationFixture.csv(0, 5).getBytes(StandardCharsets.UTF_8));
                soon().until(() -> fixture.closedRuns() == 3);
            }
            fixture.assertContacts(simulator, 0, 5);
            assertThat(fixture.inbox.resolve(".failed/people.csv.error.txt"))
                    .content()
                    .contains("name;city", "customerId", "contactId");
            assertThat(fixture.files())
                    .contains(
                            "empty.csv",
                            ".done/nothing.csv",
                            ".done/keys.csv",
                            "old.csv.errors.csv",
                            "x.csv/inner.csv");
            assertThat(fixture.files())
                    .filteredOn(name -> name.matches("\\.done/keys(\\.[0-9-]+)?\\.csv"))
                    .hasSize(2);
            assertThat(database.rows("SELECT file_name, total FROM import_run ORDER BY id"))
                    .containsExactlyInAnyOrder("nothing.csv|0", "keys.csv|5", "keys.csv|5");
            assertThat(log.lines())
                    .filteredOn(line -> line.contains("is ignored"))
                    .hasSize(2)
                    .anyMatch(line -> line.contains("x.csv"))
                    .anyMatch(line -> line.contains("link.csv"));
            assertThat(outside.resolve("far.csv")).exists();
        }
    }
}
