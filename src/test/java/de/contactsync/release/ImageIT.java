package de.contactsync.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The image as the build leaves it, without a container engine: its layers unpacked, its own entrypoint started as its
 * own user in namespaces of its own, on a read-only root with /data and /tmp alone to write to. Needs Linux and root.
 */
class ImageIT {

    private static final String TENANT = "0d9f4f3e-7c1b-4a58-9e36-52c1a8b7d604";
    private static final int MEGABYTE = 1_000_000;

    @TempDir
    static Path folder;

    private static Path image;
    private static Path root;
    private static JsonNode config;

    private Path data;
    private final List<Process> started = new ArrayList<>();

    @BeforeAll
    static void unpack() throws Exception {
        assumeTrue(
                "root".equals(System.getProperty("user.name")) && Files.isExecutable(Path.of("/usr/bin/unshare")),
                "not tried: the image can be unpacked and entered only as root, on Linux");
        image = Path.of(System.getProperty("product.image"));
        assumeTrue(Files.exists(image), "not tried: the image was left out by -Dimage.skip");
        Path files = Files.createDirectory(folder.resolve("image"));
        execute("tar", "-C", files.toString(), "-xf", image.toString());
        JsonNode manifest = new ObjectMapper()
                .readTree(files.resolve("manifest.json").toFile())
                .get(0);
        config = new ObjectMapper()
                .readTree(files.resolve(manifest.get("Config").textValue()).toFile())
                .get("config");
        root = Files.createDirectory(folder.resolve("root"));
        for (JsonNode layer : manifest.get("Layers")) {
            execute(
                    "tar",
                    "-C",
                    root.toString(),
                    "-xpzf",
                    files.resolve(layer.textValue()).toString());
        }
    }

    @BeforeEach
    void volume() throws Exception {
        data = Files.createTempDirectory(folder, "data");
        execute("chown", config.get("User").textValue(), data.toString());
    }

    @AfterEach
    void end() throws InterruptedException {
        for (Process process : started) {
            process.destroyForcibly();
            process.waitFor();
        }
    }

    private static void execute(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).as(output).isZero();
    }

    /** The folders are mounted anew for each process, in a namespace that ends with it. */
    private Process start(Path output, Map<String, String> environment, List<String> command) throws IOException {
        String[] user = config.get("User").textValue().split(":");
        List<String> whole = new ArrayList<>(List.of(
                "unshare",
                "--mount",
                "sh",
                "-euc",
                "mount --bind \"$0\" \"$0\"; mount -t proc proc \"$0/proc\"; mount --bind \"$1\" \"$0/data\"; shift;"
                        + " mount -t tmpfs -o mode=1777 tmp \"$0/tmp\"; mount -o remount,bind,ro \"$0\"; exec \"$@\"",
                root.toString(),
                data.toString(),
                "unshare",
                "--setuid",
                user[0],
                "--setgid",
                user[1],
                "--root",
                root.toString(),
                "--wd",
                config.get("WorkingDir").textValue()));
        whole.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(whole)
                .redirectOutput(output.toFile())
                .redirectError(Path.of(output + ".log").toFile());
        builder.environment().keySet().retainAll(List.of("PATH"));
        words("/Env").forEach(variable -> {
            int equals = variable.indexOf('=');
            builder.environment().put(variable.substring(0, equals), variable.substring(equals + 1));
        });
        builder.environment().putAll(environment);
        Process process = builder.start();
        started.add(process);
        return process;
    }

    private static List<String> words(String name) {
        List<String> words = new ArrayList<>();
        config.at(name).forEach(word -> words.add(word.textValue()));
        return words;
    }

    private static List<String> entrypoint(String... arguments) {
        return Stream.concat(words("/Entrypoint").stream(), Stream.of(arguments))
                .toList();
    }

    /** What the engine asks every 30 seconds. */
    private int health() throws IOException, InterruptedException {
        List<String> test = words("/Healthcheck/Test");
        Process health = start(folder.resolve("health"), Map.of(), test.subList(1, test.size()));
        assertThat(health.waitFor(1, TimeUnit.MINUTES)).isTrue();
        return health.exitValue();
    }

    @Test
    void it_says_who_runs_what_where_and_has_no_shell() throws IOException {
        assertThat(config.get("User").textValue()).isEqualTo("10001:10001");
        assertThat(words("/Cmd")).containsExactly("run");
        assertThat(config.at("/Volumes").fieldNames()).toIterable().containsExactly("/data");
        assertThat(config.at("/Labels/org.opencontainers.image.licenses").textValue())
                .isEqualTo("Apache-2.0");
        assertThat(config.at("/Labels/org.opencontainers.image.version").textValue())
                .isEqualTo(System.getProperty("product.version"));
        assertThat(root.resolve("opt/jtl-contact-sync/sbom.cdx.json")).isNotEmptyFile();
        assertThat(root.resolve("bin")).doesNotExist();
        try (Stream<Path> files = Files.walk(root)) {
            assertThat(files.filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                            .mapToLong(file -> file.toFile().length())
                            .sum())
                    .as("bytes, unpacked")
                    .isLessThanOrEqualTo(195L * MEGABYTE);
        }
    }

    @Test
    void the_demo_runs_on_a_read_only_root_from_the_cache_of_loaded_classes() throws Exception {
        List<String> command = new ArrayList<>(entrypoint("demo"));
        // With this option the JVM refuses to start where it cannot map the cache.
        command.add(1, "-XX:AOTMode=on");
        Path output = folder.resolve("demo");

        Process demo = start(output, Map.of(), command);

        assertThat(demo.waitFor(2, TimeUnit.MINUTES)).isTrue();
        assertThat(output).content().contains("lost 0");
        assertThat(demo.exitValue()).isZero();
    }

    /** Once, the image had no locale, and files with umlauts in their names could not be given to a command. */
    @Test
    void it_reads_and_writes_names_and_texts_in_utf8() throws Exception {
        Path output = folder.resolve("locale");

        Process java =
                start(output, Map.of(), List.of(words("/Entrypoint").get(0), "-XshowSettings:properties", "-version"));

        assertThat(java.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(Path.of(output + ".log"))
                .content()
                .contains("sun.jnu.encoding = UTF-8", "stdout.encoding = UTF-8", "user.language = en");
    }

    @Test
    void a_worker_reads_its_secret_from_a_file_is_healthy_imports_and_ends_on_sigterm() throws Exception {
        Path simulated = folder.resolve("simulator");
        start(simulated, Map.of(), entrypoint("simulator", "--port", "0"));
        await().atMost(Duration.ofMinutes(1))
                .until(() -> Files.readString(simulated).contains("http://127.0.0.1:"));
        String address = Files.readString(simulated).replaceFirst("(?s).*?(http://127\\.0\\.0\\.1:\\d+).*", "$1");
        Files.writeString(data.resolve("secret"), "demo\n");
        Files.writeString(data.resolve("application.properties"), """
                jtl.base-url = %s/erp
                jtl.oauth.token-endpoint = %s/oauth2/token
                jtl.oauth.client-id = demo
                jtl.tenant-id = %s
                """.formatted(address, address, TENANT));
        assertThat(health()).as("nothing runs yet").isEqualTo(3);

        Path output = folder.resolve("worker");
        Process worker = start(
                output,
                Map.of("JTL_OAUTH_CLIENT_SECRET_FILE", "/data/secret"),
                entrypoint(words("/Cmd").get(0)));

        await().atMost(Duration.ofMinutes(1)).until(() -> health() == 0);
        Path inbox = data.resolve("inbox");
        Files.writeString(
                inbox.resolve("keys.csv"),
                "customerId;contactId\nb45f6432-2462-4c6f-b00f-1d9d01000000;7c9e6679-7425-40de-944b-e07fc1f90ae7\n");
        await().atMost(Duration.ofMinutes(1)).until(() -> Files.exists(inbox.resolve(".done/keys.csv")));
        worker.destroy();
        assertThat(worker.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(worker.exitValue())
                .as(Files.readString(Path.of(output + ".log")))
                .isIn(0, 143);
    }
}
