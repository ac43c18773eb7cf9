package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each example starts with the one command that its page names, in a copy of its folder. */
class ExamplesIT {

    @TempDir
    Path folder;

    /** Once, the shell did not look at the signal while the program ran. */
    @ParameterizedTest
    @CsvSource({
        "file-drop, accepted 20 = 15 stored + 4 not found",
        "route-sink, the route direct:sink-teams: 14 delivered",
        "several-tenants, accepted 20 = 14 stored + 6 not found",
        "queue-enrichment, Taking keys from the queue contact-keys",
        "scheduled-crm-sync, 'HubSpot at 127.0.0.1:18090: 2'"
    })
    void an_example_does_what_its_page_says_until_its_script_is_ended(String name, String line) throws Exception {
        Path example = copy(Path.of("examples", name));
        Path output = folder.resolve("output");
        Process process = start(example, output);
        try {
            await().atMost(Duration.ofSeconds(90))
                    .untilAsserted(() -> assertThat(output).content().contains(line));

            List<ProcessHandle> started = process.descendants().toList();
            process.destroy();
            assertThat(process.waitFor(60, TimeUnit.SECONDS))
                    .as("SIGTERM to the script alone ends it")
                    .isTrue();
            assertThat(started).as("and what it has started").isNotEmpty().noneMatch(ProcessHandle::isAlive);
        } finally {
            end(process);
        }
    }

    /** Once, the example went on, and asked whatever answered at that port. */
    @Test
    void an_example_whose_port_is_taken_says_so_and_ends() throws Exception {
        Path output = folder.resolve("output");
        try (ServerSocket taken = new ServerSocket(18086, 1, InetAddress.getLoopbackAddress())) {
            Process process = start(copy(Path.of("examples", "file-drop")), output);
            try {
                assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
                assertThat(process.exitValue()).isEqualTo(1);
                assertThat(output).content().contains("18086").doesNotContain("Watching");
            } finally {
                end(process);
            }
        }
    }

    private Process start(Path example, Path output) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                        "setsid", example.resolve("start.sh").toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment()
                .put(
                        "JAR",
                        Path.of(System.getProperty("product.jar"))
                                .toAbsolutePath()
                                .toString());
        builder.environment().put("JDK_JAVA_OPTIONS", Product.javaOptions());
        return builder.start();
    }

    private Path copy(Path example) throws IOException {
        Path copy = Files.createDirectories(folder.resolve("examples").resolve(example.getFileName()));
        Files.copy(example.resolveSibling("common.sh"), copy.resolveSibling("common.sh"));
        List<Path> files;
        try (Stream<Path> there = Files.walk(example)) {
            // Not what a trial by hand has left.
            files = there.filter(Files::isRegularFile)
                    .filter(file -> !file.toString().matches(".*/(data|inbox|out)/.*"))
                    .toList();
        }
        for (Path file : files) {
            Path target = copy.resolve(example.relativize(file));
            Files.createDirectories(target.getParent());
            Files.copy(file, target);
            if (file.toString().endsWith(".sh")) {
                Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
        }
        return copy;
    }

    /** The script first, whose trap ends what it has started; then what is left of that. */
    private static void end(Process process) throws InterruptedException {
        List<ProcessHandle> all = Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .toList();
        all.forEach(ProcessHandle::destroy);
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            all.forEach(ProcessHandle::destroyForcibly);
        }
    }
}
