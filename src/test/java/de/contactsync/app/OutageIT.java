package de.contactsync.app;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.CapturedLog;
import de.contactsync.FreePort;
import de.contactsync.config.ApplicationFixture;
import de.contactsync.persistence.TestDatabase;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** JTL goes away in the middle of the day and comes back. */
class OutageIT {

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource
    void a_file_waits_while_jtl_is_unreachable_and_resumes_afterwards(TestDatabase.Kind kind) throws Exception {
        JtlSimulator simulator = start(FreePort.next());
        try (TestDatabase database = TestDatabase.create(kind);
                CapturedLog log = new CapturedLog("de.contactsync")) {
            ApplicationFixture fixture = new ApplicationFixture(folder, database);
            try (Application application = fixture.start(simulator)) {
                // Before, so that there is a token: a token endpoint that is unavailable is asked more seldom.
                fixture.drop("before.csv", ApplicationFixture.csv(0, 5).getBytes(StandardCharsets.UTF_8));
                InboxTest.soon().until(() -> fixture.closedRuns() == 1);
                long letters = database.count("dead_letter");
                simulator.close();

                fixture.drop("keys.csv", ApplicationFixture.csv(5, 30).getBytes(StandardCharsets.UTF_8));
                InboxTest.soon()
                        .until(() -> database.rows("SELECT state FROM import_run WHERE file_name = 'keys.csv'")
                                .equals(List.of("halted")));

                assertThat(database.count("dead_letter")).isEqualTo(letters);
                assertThat(fixture.files()).doesNotContain(".done/keys.csv", ".failed/keys.csv");
                assertThat(database.one("SELECT done FROM import_run WHERE file_name = 'keys.csv'"))
                        .isEqualTo("0");

                simulator = start(simulator.port());
                InboxTest.soon().until(() -> fixture.closedRuns() == 2);
            }
            fixture.assertContacts(simulator, 0, 35);
            assertThat(database.rows("SELECT total, state FROM import_run ORDER BY id"))
                    .containsExactly("5|finished", "30|finished");
            assertThat(fixture.files()).contains(".done/keys.csv").doesNotContain("keys.csv");
            assertThat(log.lines())
                    .anyMatch(line -> line.contains("no answer from") && line.contains("next try in 5 s"))
                    .anyMatch(line -> line.contains("JTL for tenant") && line.contains("is back after"));
        } finally {
            simulator.close();
        }
    }

    private static JtlSimulator start(int port) {
        return JtlSimulator.start(
                SimulatorOptions.builder().port(port).notFoundShare(0.2).build());
    }
}
