package de.contactsync.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import de.contactsync.CapturedLog;
import de.contactsync.ledger.TestDatabase;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Files dropped into the inbox, through the shipped routes, from a simulated JTL into a real database. */
class InboxTest {

    @TempDir
    Path folder;

    private final CapturedLog log = new CapturedLog("de.contactsync");
    private JtlSimulator simulator;

    @BeforeEach
    void start_the_simulator() {
        simulator = JtlSimulator.start(SimulatorOptions.builder().notFoundShare(0.2).countKeys(true).build());
    }

    @AfterEach
    void stop_the_simulator() {
        simulator.close();
        log.close();
    }

    static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(90)).pollInterval(Duration.ofMillis(50));
    }

    @ParameterizedTest
    @EnumSource
    void every_kind_of_file_ends_in_the_database_and_in_done(TestDatabase.Kind kind) throws Exception {
        try (TestDatabase database = TestDatabase.create(kind)) {
            Station station = new Station(folder, database);
            try (Application application = station.start(simulator)) {
                station.drop("a.csv", Station.csv(0, 25).getBytes(Charset.forName("windows-1252")));
                station.drop("b.ndjson", Station.jsonLines(25, 12).getBytes(StandardCharsets.UTF_8));
                station.drop("c.json", ("[" + Station.jsonLines(37, 12).strip().replace("\n", ",") + "]")
                        .getBytes(StandardCharsets.UTF_8));
                station.drop("d.CSV.GZ", gzip(Station.csv(49, 11) + "no key\n" + Station.csv(0, 1)));

                soon().until(() -> station.closedRuns() == 4);
            }
            station.assertContacts(simulator, 0, 60);
            long unknown = 60 - database.count("contact");
            assertThat(unknown).isPositive();
            assertThat(database.rows("SELECT file_name, total, done, invalid, duplicates, state FROM import_run"
                            + " ORDER BY file_name"))
                    .containsExactly("a.csv|25|25|0|0|finished", "b.ndjson|12|12|0|0|finished",
                            "c.json|12|12|0|0|finished", "d.CSV.GZ|14|14|2|0|finished");
            assertThat(database.count("dead_letter WHERE reason = 'not-found'")).isGreaterThanOrEqualTo(unknown);
            assertThat(station.files()).contains(".done/a.csv", ".done/b.ndjson", ".done/c.json", ".done/d.CSV.GZ",
                            ".done/d.CSV.GZ.errors.csv")
                    .allMatch(name -> name.startsWith(".done/"));
            assertThat(Files.readAllLines(station.inbox.resolve(".done/d.CSV.GZ.errors.csv")))
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
    void what_is_no_key_file_is_told_from_what_is() throws Exception {
        try (TestDatabase database = TestDatabase.create(TestDatabase.Kind.SQLITE)) {
            Station station = new Station(folder, database);
            Path within = Files.createDirectories(station.inbox.resolve("x.csv"));
            Files.writeString(within.resolve("inner.csv"), Station.csv(500, 3));
            Path outside = Files.createDirectories(folder.resolve("outside"));
            Files.writeString(outside.resolve("far.csv"), Station.csv(600, 3));
            Files.createSymbolicLink(station.inbox.resolve("link"), outside);
            Files.createSymbolicLink(station.inbox.resolve("link.csv"), outside.resolve("far.csv"));
            Files.writeString(station.inbox.resolve("old.csv.errors.csv"), Station.csv(700, 3));
            try (Application application = station.start(simulator)) {
                station.drop("people.csv", "name;city\nMeier;Köln\n".getBytes(StandardCharsets.UTF_8));
                soon().until(() -> Files.exists(station.inbox.resolve(".failed/people.csv")));
                station.drop("empty.csv", new byte[0]);
                station.drop("nothing.csv", "customerId;contactId\n".getBytes(StandardCharsets.UTF_8));
                station.drop("keys.csv", Station.csv(0, 5).getBytes(StandardCharsets.UTF_8));
                soon().until(() -> station.closedRuns() == 2);

                station.drop("keys.csv", Station.csv(0, 5).getBytes(StandardCharsets.UTF_8));
                soon().until(() -> station.closedRuns() == 3);
            }
            station.assertContacts(simulator, 0, 5);
            assertThat(station.inbox.resolve(".failed/people.csv.error.txt")).content()
                    .contains("name;city", "customerId", "contactId");
            assertThat(station.files()).contains("empty.csv", ".done/nothing.csv", ".done/keys.csv", "old.csv.errors.csv",
                    "x.csv/inner.csv");
            assertThat(station.files()).filteredOn(name -> name.matches("\\.done/keys(\\.[0-9-]+)?\\.csv")).hasSize(2);
            assertThat(database.rows("SELECT file_name, total FROM import_run ORDER BY id"))
                    .containsExactlyInAnyOrder("nothing.csv|0", "keys.csv|5", "keys.csv|5");
            assertThat(log.lines()).filteredOn(line -> line.contains("is left alone")).hasSize(2)
                    .anyMatch(line -> line.contains("x.csv")).anyMatch(line -> line.contains("link.csv"));
            assertThat(outside.resolve("far.csv")).exists();
        }
    }
}
