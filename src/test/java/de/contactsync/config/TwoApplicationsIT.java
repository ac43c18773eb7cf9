package de.contactsync.config;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.app.InboxTest;
import de.contactsync.cli.Main;
import de.contactsync.persistence.TestDatabase;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Two processes on one inbox and one database. */
class TwoApplicationsIT {

    private static final int FILES = 12;
    private static final int KEYS = 60;

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource
    void never_work_on_one_file_at_once(TestDatabase.Kind kind) throws Exception {
        List<Process> processes = new ArrayList<>();
        try (TestDatabase database = TestDatabase.empty(kind);
                JtlSimulator simulator = JtlSimulator.start(SimulatorOptions.builder()
                        .countKeys(true)
                        .notFoundShare(0.1)
                        .latency(Duration.ofMillis(20))
                        .build())) {
            ApplicationFixture fixture = new ApplicationFixture(folder, database);
            // Both make the tables, both find the first files.
            drop(fixture, 0, FILES / 2);
            for (int i = 0; i < 2; i++) {
                processes.add(start(fixture, simulator, i));
            }
            InboxTest.soon().until(() -> Files.exists(fixture.inbox.resolve(".done")));
            drop(fixture, FILES / 2, FILES);
            InboxTest.soon().until(() -> fixture.closedRuns() == FILES);

            fixture.assertContacts(simulator, 0, FILES * KEYS);
            assertThat(simulator.askedAgain()).isEmpty();
            assertThat(database.count("import_run")).isEqualTo(FILES);
            assertThat(database.count("import_run WHERE total = " + KEYS)).isEqualTo(FILES);
            assertThat(fixture.files()).allMatch(name -> name.startsWith(".done/"));
            for (Process process : processes) {
                process.destroy();
                assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
                assertThat(process.exitValue()).isZero();
            }
        } finally {
            processes.forEach(Process::destroyForcibly);
        }
    }

    private static void drop(ApplicationFixture fixture, int from, int to) throws IOException {
        for (int i = from; i < to; i++) {
            fixture.drop(
                    "keys" + i + ".csv", ApplicationFixture.csv(i * KEYS, KEYS).getBytes(StandardCharsets.UTF_8));
        }
    }

    private Process start(ApplicationFixture fixture, JtlSimulator simulator, int number) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "-Xmx128m",
                Main.class.getName(),
                "run");
        Path work = Files.createDirectories(folder.resolve("process" + number));
        builder.directory(work.toFile()).redirectErrorStream(true).redirectOutput(new File(work.toFile(), "log"));
        for (Map.Entry<ConfigKey, String> setting : fixture.settings(simulator).entrySet()) {
            builder.environment().put(setting.getKey().environmentName(), setting.getValue());
        }
        return builder.start();
    }
}
