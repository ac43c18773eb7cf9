package de.contactsync.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.contactsync.config.ConfigurationException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RouteFilesTest {

    private static final Path SHIPPED = Path.of("routes");
    private static final Path PINS = Path.of("src/test/resources/route-versions.properties");

    @TempDir
    Path folder;

    private void copy(String name, String version) throws IOException {
        Path routes = Files.createDirectories(folder.resolve("routes"));
        String text = Files.readString(SHIPPED.resolve(name + ".camel.yaml"));
        Files.writeString(routes.resolve(name + ".camel.yaml"), version + text.substring(text.indexOf('\n') + 1));
    }

    @Test
    void the_list_of_shipped_routes_is_that_of_the_folder() throws Exception {
        try (Stream<Path> files = Files.list(SHIPPED)) {
            assertThat(ShippedRoutes.NAMES)
                    .containsExactlyElementsOf(
                            files.map(file -> file.getFileName().toString())
                                    .map(name -> name.replace(".camel.yaml", ""))
                                    .sorted()
                                    .toList());
        }
    }

    @Test
    void files_of_the_working_directory_replace_shipped_ones_of_the_same_name() throws Exception {
        copy("sink-database", "# version: 1\n");
        Files.writeString(folder.resolve("routes/sink-teams.camel.yaml"), "[]");
        Files.writeString(folder.resolve("routes/notes.txt"), "not a route");

        assertThat(RouteFiles.in(folder)
                        .patterns(name -> !name.equals("sink-crm"), new Properties())
                        .split(","))
                .contains(
                        "classpath:routes/enrich.camel.yaml",
                        "file:" + folder.resolve("routes/sink-database.camel.yaml"),
                        "file:" + folder.resolve("routes/sink-teams.camel.yaml"))
                .doesNotContain("classpath:routes/sink-database.camel.yaml", "classpath:routes/sink-crm.camel.yaml")
                .hasSize(ShippedRoutes.NAMES.size());
    }

    @Test
    void without_such_a_folder_the_program_has_its_own() throws Exception {
        assertThat(RouteFiles.in(folder)
                        .patterns(name -> true, new Properties())
                        .split(","))
                .allMatch(pattern -> pattern.startsWith("classpath:routes/"))
                .hasSize(ShippedRoutes.NAMES.size());
    }

    @Test
    void a_route_that_is_switched_off_is_not_read_unless_it_is_the_users_own() throws Exception {
        copy("source-timer", "# version: 1\n");
        Properties properties = new Properties();
        properties.setProperty("source.kafka.enabled", "false");
        properties.setProperty("source.timer.enabled", "false");
        properties.setProperty("source.file.enabled", "true");

        assertThat(RouteFiles.in(folder).patterns(name -> true, properties).split(","))
                .contains(
                        "classpath:routes/source-file.camel.yaml",
                        "classpath:routes/source-queue.camel.yaml",
                        "file:" + folder.resolve("routes/source-timer.camel.yaml"))
                .doesNotContain("classpath:routes/source-kafka.camel.yaml");
    }

    @Test
    void a_name_that_camel_would_take_for_two_is_refused() throws Exception {
        Files.writeString(Files.createDirectories(folder.resolve("routes")).resolve("a,b.camel.yaml"), "[]");

        assertThatThrownBy(() -> RouteFiles.in(folder))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("routes/a,b.camel.yaml: give the file a name of letters");
    }

    /** Once, they were ignored without a word, and people believed in a change that did not happen. */
    @Test
    void files_with_another_ending_are_reported_with_the_name_that_is_loaded() throws Exception {
        Path routes = Files.createDirectories(folder.resolve("routes"));
        for (String name : new String[] {"a.yaml", "b.camel.yml", "c.camel.xml", "d.txt", "e.camel.yaml"}) {
            Files.writeString(routes.resolve(name), "- garbage: [");
        }

        assertThat(RouteFiles.in(folder).warnings())
                .containsExactly(
                        "routes/a.yaml is not loaded: rename it to routes/a.camel.yaml, or remove it from the folder",
                        "routes/b.camel.yml is not loaded: rename it to routes/b.camel.yaml, or remove it from the"
                                + " folder",
                        "routes/c.camel.xml is not loaded: only YAML routes are loaded: rewrite it as"
                                + " routes/c.camel.yaml, or remove it from the folder");
    }

    @Test
    void a_file_in_place_of_the_folder_is_reported() throws Exception {
        Files.writeString(folder.resolve("routes"), "- route:\n");

        assertThat(RouteFiles.in(folder).warnings())
                .containsExactly("routes is a file and is ignored: put route files into a folder of that name");
    }

    @Test
    void a_route_that_was_copied_from_another_version_is_noticed() throws Exception {
        copy("enrich", "# version: 1\n");
        copy("process-run", "# version: 99\n");
        copy("sink-queue", "");

        assertThat(RouteFiles.in(folder).warnings())
                .hasSize(2)
                .anySatisfy(told -> assertThat(told)
                        .startsWith("routes/process-run.camel.yaml says that it is version 99 of this route, and the"
                                + " program has version ")
                        .contains("use the program that it belongs to"))
                .anySatisfy(told ->
                        assertThat(told).startsWith("routes/sink-queue.camel.yaml was copied from an unknown version"));
    }

    /** Once, a copy saved by an editor that puts a byte order mark in front counted as one of no version. */
    @Test
    void a_byte_order_mark_is_not_part_of_the_version() throws Exception {
        String text = Files.readString(SHIPPED.resolve("enrich.camel.yaml"));
        Files.writeString(
                Files.createDirectories(folder.resolve("routes")).resolve("enrich.camel.yaml"), "\uFEFF" + text);

        assertThat(RouteFiles.in(folder).warnings()).isEmpty();
    }

    /** Once, other characters stood in what the route wrote. */
    @Test
    void a_file_that_is_not_utf_8_is_refused_with_its_line() throws Exception {
        Files.write(
                Files.createDirectories(folder.resolve("routes")).resolve("a.camel.yaml"),
                "- route:\n    description: für\n".getBytes(StandardCharsets.ISO_8859_1));

        assertThatThrownBy(() -> RouteFiles.in(folder))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("routes/a.camel.yaml, line 2: 0xFC is not UTF-8: save the file in UTF-8");
    }

    @Test
    void a_folder_with_the_name_of_a_route_file_is_refused() throws Exception {
        Files.createDirectories(folder.resolve("routes/a.camel.yaml"));

        assertThatThrownBy(() -> RouteFiles.in(folder))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("routes/a.camel.yaml is a folder: give it a name without .camel.yaml");
    }

    /** Otherwise each dead letter would wait for a route that does nothing, once the words about it are mended. */
    @Test
    void a_copy_without_the_words_about_it_is_not_changed() throws Exception {
        Path alert = Files.createDirectories(folder.resolve("routes")).resolve("alert.camel.yaml");
        String shipped = Files.readString(SHIPPED.resolve("alert.camel.yaml"));

        Files.writeString(alert, shipped.replaceAll("(?m)^    (description|note): .*(\\R      .*)*\\R", ""));
        assertThat(RouteFiles.in(folder).isChanged("alert")).isFalse();
        Files.writeString(alert, shipped.replace("stop:", "log:"));
        assertThat(RouteFiles.in(folder).isChanged("alert")).isTrue();
        Files.writeString(alert, "- route: [");
        assertThat(RouteFiles.in(folder).isChanged("alert")).isTrue();
    }

    /** Whoever changes a shipped route raises its version, by which the copies of users are noticed. */
    @Test
    void a_shipped_route_that_changes_gets_a_new_version() throws Exception {
        Properties pins = new Properties();
        pins.load(new StringReader(Files.readString(PINS)));
        Map<String, String> now = new TreeMap<>();
        for (String name : ShippedRoutes.NAMES) {
            String text = Files.readString(SHIPPED.resolve(name + ".camel.yaml"));
            assertThat(ShippedRoutes.version(text))
                    .as(name + " begins with # version: N")
                    .isPositive();
            String steps = ShippedRoutes.steps(text).toString();
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(steps.getBytes(StandardCharsets.UTF_8));
            now.put(name, ShippedRoutes.version(text) + " " + HexFormat.of().formatHex(digest, 0, 8));
        }
        if (Boolean.getBoolean("routes.write")) {
            Files.writeString(
                    PINS,
                    now.entrySet().stream()
                            .map(each -> each.getKey() + "=" + each.getValue() + "\n")
                            .reduce(
                                    "# Version and content of each shipped route; written by -Droutes.write=true.\n",
                                    String::concat));
        } else {
            assertThat(now)
                    .as("raise \"# version\" in each route whose steps have changed, then run this test with"
                            + " -Droutes.write=true")
                    .isEqualTo(new TreeMap<>(Map.copyOf(asStrings(pins))));
        }
    }

    private static Map<String, String> asStrings(Properties properties) {
        Map<String, String> strings = new TreeMap<>();
        properties.stringPropertyNames().forEach(name -> strings.put(name, properties.getProperty(name)));
        return strings;
    }
}
