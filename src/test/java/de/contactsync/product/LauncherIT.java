package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** bin/jtl-contact-sync beside the jar, as the build leaves it. */
class LauncherIT {

    private static final Path JAR = Path.of(System.getProperty("product.jar"));
    private static final Path LAUNCHER = JAR.resolveSibling("bin/jtl-contact-sync");

    @TempDir
    Path folder;

    /** What the last program wrote to stderr. */
    private String errors;

    @Test
    void the_first_work_leaves_a_class_cache_which_the_next_ones_map() throws Exception {
        Path cache = folder.resolve("a cache");

        assertThat(run(Map.of("LAUNCHER_CACHE", cache.toString()), LAUNCHER, "demo"))
                .contains("lost 0")
                .as("what the JVM says of its cache")
                .doesNotContain(cache.toString());
        // JDK 25 names it there.
        assertThat(errors).as("what the JVM says of its cache").doesNotContain(cache.toString());

        assertThat(files(cache)).singleElement().asString().contains("java-").endsWith(".cache");
        // With this option the JVM refuses to start where it cannot map the cache.
        String required = Runtime.version().feature() >= 25 ? "-XX:AOTMode=on" : "-Xshare:on";
        assertThat(run(Map.of("LAUNCHER_CACHE", cache.toString(), "JAVA_OPTS", required), LAUNCHER, "demo"))
                .contains("lost 0");
    }

    @Test
    void a_command_that_fails_leaves_no_cache_and_keeps_its_exit_code() throws Exception {
        Path cache = folder.resolve("cache");

        String output = run(Map.of("LAUNCHER_CACHE", cache.toString()), LAUNCHER, "import", "missing.csv");

        assertThat(output).contains("missing.csv does not exist").endsWith("exit 2");
        assertThat(files(cache)).isEmpty();
    }

    /** Once, the JVM did without it at every start, and nobody was told. */
    @Test
    void a_damaged_cache_is_replaced() throws Exception {
        Path cache = folder.resolve("cache");
        run(Map.of("LAUNCHER_CACHE", cache.toString()), LAUNCHER, "demo");
        Path file = files(cache).get(0);
        long size = Files.size(file);
        Files.writeString(file, "damaged");

        assertThat(run(Map.of("LAUNCHER_CACHE", cache.toString()), LAUNCHER, "demo"))
                .contains("lost 0");

        assertThat(files(cache))
                .singleElement()
                .satisfies(made -> assertThat(Files.size(made)).isGreaterThan(size / 2));
    }

    /** Once, the JVM did without it from then on. */
    @Test
    void a_cache_that_was_made_before_the_jar_for_other_systems_came_is_replaced() throws Exception {
        Path cache = folder.resolve("cache");
        Path lib = Files.createDirectories(folder.resolve("home/lib"));
        Files.copy(JAR, lib.resolve("jtl-contact-sync.jar"));
        Path launcher = Files.copy(
                LAUNCHER,
                Files.createDirectories(folder.resolve("home/bin")).resolve("sync"),
                StandardCopyOption.COPY_ATTRIBUTES);
        run(Map.of("LAUNCHER_CACHE", cache.toString()), launcher, "demo");
        Path before = files(cache).get(0);

        Files.copy(extras(), lib.resolve(extras().getFileName()));
        run(Map.of("LAUNCHER_CACHE", cache.toString()), launcher, "demo");

        assertThat(files(cache)).singleElement().isNotEqualTo(before);
    }

    /** Once, every command crashed from then on. */
    @Test
    void a_cache_that_crashes_the_jvm_is_gone_at_the_next_start() throws Exception {
        Map<String, String> plain =
                Map.of("LAUNCHER_CACHE", folder.resolve("cache").toString());
        run(plain, LAUNCHER, "demo");
        Path file = files(folder.resolve("cache")).get(0);
        file.toFile().setWritable(true);
        try (RandomAccessFile cache = new RandomAccessFile(file.toFile(), "rw")) {
            cache.seek(10 << 20);
            cache.write(new byte[4 << 20]);
        }

        String damaged = run(plain, LAUNCHER, "--version");

        assumeTrue(damaged.endsWith("exit 134"), "this JVM does not crash on it");
        assertThat(file).doesNotExist();
        assertThat(run(plain, LAUNCHER, "--version")).startsWith("jtl-contact-sync ");
    }

    @Test
    void a_cache_is_used_in_a_folder_whose_name_no_command_can_be_given() throws Exception {
        Map<String, String> environment =
                Map.of("LAUNCHER_CACHE", folder.resolve("it's; a cache").toString());
        run(environment, LAUNCHER, "demo");

        assertThat(run(environment, LAUNCHER, "--version")).startsWith("jtl-contact-sync ");
    }

    @Test
    void only_what_ends_soon_is_compiled_by_the_first_compiler_alone() throws Exception {
        Path home = folder.resolve("jdk");
        Files.createDirectories(home.resolve("bin"));
        Files.writeString(home.resolve("release"), "JAVA_VERSION=\"17.0.1\"\n");
        Files.writeString(home.resolve("bin/java"), "#!/bin/sh\necho \"$@\"\n")
                .toFile()
                .setExecutable(true);
        Files.writeString(folder.resolve("small.csv"), "customerId;contactId\n");
        Files.writeString(folder.resolve("small.csv.gz"), "");
        Files.write(folder.resolve("large.csv"), new byte[500_000]);
        Map<String, String> environment =
                Map.of("JAVA_HOME", home.toString(), "LAUNCHER_CACHE", "off", "JAVA_OPTS", "-Dnone");

        for (String soon : List.of("--version", "check", "import small.csv", "import --json small.csv small.csv")) {
            assertThat(run(environment, LAUNCHER, soon.split(" "))).as(soon).contains("-XX:TieredStopAtLevel=1 -Dnone");
        }
        assertThat(run(environment, LAUNCHER)).doesNotContain("TieredStopAtLevel");
        for (String late : List.of(
                "run",
                "sync --full",
                "import large.csv",
                "import small.csv.gz",
                "import small.csv" + " small.csv".repeat(10))) {
            assertThat(run(environment, LAUNCHER, late.split(" "))).as(late).doesNotContain("TieredStopAtLevel");
        }
    }

    /** Once, an import with a full disk ended with the exit code of dead letters, although it had none. */
    @Test
    void a_disk_without_room_for_a_cache_changes_no_exit_code() throws Exception {
        Path cache = folder.resolve("cache");
        Path df = Files.createDirectories(folder.resolve("bin")).resolve("df");
        Files.writeString(df, """
                #!/bin/sh
                echo 'Filesystem 1024-blocks  Used Available Capacity Mounted on'
                echo '/dev/sda1      1000000 90000     10000      90% /home'
                """);
        df.toFile().setExecutable(true);
        String path = df.getParent() + File.pathSeparator + System.getenv("PATH");

        assertThat(run(Map.of("LAUNCHER_CACHE", cache.toString(), "PATH", path), LAUNCHER, "demo"))
                .contains("lost 0")
                .doesNotContain("exit");

        assertThat(files(cache)).isEmpty();
    }

    /** Once, the shell ended with an error in its arithmetic, and the program was not even started. */
    @Test
    void a_key_file_whose_size_cannot_be_read_is_left_to_the_program() throws Exception {
        Path wc = Files.createDirectories(folder.resolve("bin")).resolve("wc");
        Files.writeString(wc, "#!/bin/sh\nexit 1\n");
        wc.toFile().setExecutable(true);
        Path keys = Files.writeString(folder.resolve("keys.csv"), "customerId;contactId\n");
        String path = wc.getParent() + File.pathSeparator + System.getenv("PATH");

        assertThat(run(Map.of("LAUNCHER_CACHE", "off", "PATH", path), LAUNCHER, "import", keys.toString()))
                .contains("jtl.oauth.client-id")
                .endsWith("exit 2");
    }

    @Test
    void files_of_launchers_that_were_killed_are_removed() throws Exception {
        Path cache = Files.createDirectories(folder.resolve("cache"));
        Process killed = new ProcessBuilder("true").start();
        killed.waitFor();
        Files.createFile(cache.resolve("java-25-1-2." + killed.pid()));
        Files.createFile(cache.resolve("java-25-1-2." + killed.pid() + ".recorded"));
        Path underWay = Files.createFile(
                cache.resolve("java-25-1-2." + ProcessHandle.current().pid() + ".recorded"));

        run(Map.of("LAUNCHER_CACHE", cache.toString()), LAUNCHER, "demo");

        assertThat(files(cache)).hasSize(2).contains(underWay);
    }

    /** Once, the JVM refused to start with two of them. */
    @Test
    void a_collector_of_the_user_takes_the_place_of_the_serial_one() throws Exception {
        assertThat(run(Map.of("LAUNCHER_CACHE", "off", "JAVA_OPTS", "-XX:+UseG1GC"), LAUNCHER, "--version"))
                .startsWith("jtl-contact-sync ");
    }

    /** Once, the first of them left a cache of the few classes that it had loaded, for ever. */
    @Test
    void small_commands_leave_no_cache() throws Exception {
        Path cache = folder.resolve("cache");

        for (List<String> command : List.of(List.of("--version"), List.of("settings"), List.of("import", "--help"))) {
            run(Map.of("LAUNCHER_CACHE", cache.toString()), LAUNCHER, command.toArray(String[]::new));
        }

        assertThat(cache).doesNotExist();
    }

    /** Once, it made {@code /nonexistent}, the home of those who have none. */
    @Test
    void a_user_without_a_home_gets_none() throws Exception {
        Path home = folder.resolve("nonexistent");

        assertThat(run(Map.of("HOME", home.toString()), LAUNCHER, "import", "missing.csv"))
                .contains("missing.csv does not exist");

        assertThat(home).doesNotExist();
    }

    @Test
    void a_cache_that_cannot_be_written_stops_nothing() throws Exception {
        Path file = Files.createFile(folder.resolve("file"));

        assertThat(run(Map.of("LAUNCHER_CACHE", file.resolve("cache").toString()), LAUNCHER, "import", "missing.csv"))
                .contains("missing.csv does not exist");
    }

    @Test
    void a_link_to_it_finds_the_jar_and_one_without_a_jar_says_what_to_do() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("link"), LAUNCHER.toAbsolutePath());
        Path lonely = Files.copy(
                LAUNCHER, Files.createDirectories(folder.resolve("lonely/bin")).resolve("sync"));
        lonely.toFile().setExecutable(true);

        assertThat(run(Map.of("LAUNCHER_CACHE", "off"), link, "--version")).startsWith("jtl-contact-sync ");
        assertThat(run(Map.of(), lonely, "--version"))
                .contains("jtl-contact-sync.jar is neither in")
                .endsWith("exit 2");
    }

    @Test
    void a_java_that_is_too_old_is_named() throws Exception {
        Path home = folder.resolve("jdk-11");
        Files.createDirectories(home.resolve("bin"));
        Files.writeString(home.resolve("release"), "JAVA_VERSION=\"11.0.2\"\n");
        Files.writeString(home.resolve("bin/java"), "#!/bin/sh\n").toFile().setExecutable(true);

        assertThat(run(Map.of("JAVA_HOME", home.toString()), LAUNCHER, "--version"))
                .contains("Java 11.0.2 is too old", "17 or newer")
                .endsWith("exit 2");
    }

    private static Path extras() throws IOException {
        try (JarFile jar = new JarFile(JAR.toFile())) {
            return JAR.resolveSibling(jar.getManifest().getMainAttributes().getValue(Attributes.Name.CLASS_PATH));
        }
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    /** @return its stdout, and where it failed its stderr and exit code */
    private String run(Map<String, String> environment, Path program, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = Stream.concat(Stream.of(program.toAbsolutePath().toString()), Stream.of(arguments))
                .toList();
        Path output = Files.createTempFile(folder, "output", ".txt");
        Path stderr = Files.createTempFile(folder, "errors", ".txt");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(output.toFile())
                .redirectError(stderr.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("JTL_") || name.startsWith("CONTACTS_"));
        builder.environment().remove("XDG_CACHE_HOME");
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().putAll(environment);
        builder.environment().putIfAbsent("JAVA_OPTS", "-XX:TieredStopAtLevel=1");
        Process process = builder.start();
        try {
            assertThat(process.waitFor(2, TimeUnit.MINUTES)).as("ended").isTrue();
        } finally {
            process.destroyForcibly();
        }
        int code = process.exitValue();
        errors = Files.readString(stderr);
        return Files.readString(output) + (code == 0 ? "" : errors + "exit " + code);
    }
}
