package de.contactsync.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.contactsync.config.ConfigurationException;
import de.contactsync.config.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Routes are built as a start would, so that "check" finds what would end it, and nothing is started. */
class RouteTrialTest {

    /** A route of the user in Java. */
    public static final class JavaSink extends RouteBuilder {
        @Override
        public void configure() {
            from("direct:sink-teams").routeId("sink-in-java").log("${body[firstName]}");
        }
    }

    private static final String LOG = "      steps: [{to: 'log:x'}]";

    @TempDir
    Path folder;

    private final Properties system = new Properties();

    private void write(String name, String... lines) throws IOException {
        Files.write(Files.createDirectories(folder.resolve("routes")).resolve(name + ".camel.yaml"), List.of(lines));
    }

    private void sink(String... steps) throws IOException {
        write(
                "sink-teams",
                "- route:",
                "    id: sink-teams",
                "    from:",
                "      uri: direct:sink-teams",
                "      steps:",
                "        - " + String.join("\n        - ", steps),
                "        - to: log:x");
    }

    private List<String> run() throws Exception {
        system.setProperty("java.version", "17");
        system.setProperty("jtl.oauth.client-id", "id");
        system.setProperty("jtl.oauth.client-secret", "secret");
        return RouteTrial.run(Settings.load(folder, Map.of("PATH", "/bin"), system), folder);
    }

    @Test
    void the_routes_of_the_program_alone_are_not_mentioned() throws Exception {
        assertThat(run()).isEmpty();
    }

    /** Whoever adds a bean to a shipped route adds it to the stand-ins. */
    @Test
    void a_copy_of_each_shipped_route_can_be_built() throws Exception {
        try (Stream<Path> files = Files.list(Path.of("routes"))) {
            for (Path file : files.toList()) {
                Files.copy(
                        file, Files.createDirectories(folder.resolve("routes")).resolve(file.getFileName()));
            }
        }

        assertThat(run())
                .contains("enrich (direct:enrich)")
                .hasSizeGreaterThanOrEqualTo(ShippedRoutes.NAMES.size() - 1);
    }

    /** Once, "check" said ok to each of these, and the start ended with it. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bean: {ref: nobody} | line 6: No bean could be found in the registry for: nobody",
                "bean: {ref: chunkStore, method: comit} | line 6: the bean chunkStore has no method comit",
                "to: 'sqll:select' | line 6: No endpoint could be found for: sqll://select",
                "to: 'file:out?fileNam=x' | line 6: ",
                "to: 'smtp:{{my.mail.server}}' | line 6: Property with key [my.mail.server] not found",
                "setBody: {simple: '${bodyy.foo'} | line 6: ",
                "marshal: {custom: {ref: contactsXml}} | line 6: ",
                "transacted: {} | line 6: ",
                "bean: {beanType: my.Foo} | line 6: there is no class my.Foo: correct its name, or put its jar into"
                        + " lib/",
            })
    void what_a_start_would_end_with_is_found_with_its_line(String step, String problem) throws Exception {
        system.setProperty("contacts.sinks", "database,route:teams");
        sink(step);

        assertThatThrownBy(this::run)
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("routes/sink-teams.camel.yaml, " + problem);
    }

    /** Once, the start ended with exit code 3, without the name of a file. */
    @Test
    void an_id_that_two_routes_have_is_reported_with_both_places() throws Exception {
        write("mine", "- route:", "    id: sink-database", "    from:", "      uri: direct:mine", LOG);

        assertThatThrownBy(this::run)
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("routes/mine.camel.yaml, line 2: the route id sink-database is also that of the"
                        + " program's routes/sink-database.camel.yaml. Give the route another id");
    }

    /** Once, two examples beside each other ended the start, because both had a step to-file. */
    @Test
    void the_examples_work_together_and_a_duplicate_step_id_is_reported() throws Exception {
        system.setProperty("contacts.sinks", "database,route:teams");
        copy("examples/route-sink/routes/sink-teams.camel.yaml");
        copy("examples/dead-letter/file/dead-letter.camel.yaml");
        assertThat(run()).hasSize(2);

        write(
                "mine",
                "- route:",
                "    from:",
                "      uri: direct:mine",
                "      steps:",
                "        - to: {id: to-file, uri: 'log:x'}");

        assertThatThrownBy(this::run)
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("mine.camel.yaml, line 5: the step id to-file is also that of " + folder)
                .hasMessageContaining("sink-teams.camel.yaml, line 27: give it another id, or none");
    }

    /** Once, only the route of the program was named, without the file of the user. */
    @Test
    void a_step_id_of_the_program_is_reported_with_the_line_of_the_user() throws Exception {
        write(
                "mine",
                "- route:",
                "    from:",
                "      uri: direct:mine",
                "      steps:",
                "        - stop:",
                "            id: commit-chunk");

        assertThatThrownBy(this::run)
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("mine.camel.yaml, line 5: the step id commit-chunk is also that of the route"
                        + " sink-database of the program: give it another id");
    }

    private void copy(String file) throws IOException {
        Path from = Path.of(file);
        Files.copy(from, Files.createDirectories(folder.resolve("routes")).resolve(from.getFileName()));
    }

    /** Once, "check" failed for each sink that is a class. */
    @Test
    void a_sink_in_java_is_found() throws Exception {
        system.setProperty("contacts.sinks", "database,route:teams");
        system.setProperty("camel.main.routes-builder-classes", JavaSink.class.getName());

        assertThat(run()).containsExactly("sink-in-java (direct:sink-teams)");
    }

    /** Once, Camel wrote a warning and went on without the route. */
    @Test
    void a_missing_class_is_reported_with_its_name() {
        system.setProperty("camel.main.routes-builder-classes", "com.example.Nowhere");

        assertThatThrownBy(this::run)
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("camel.main.routes-builder-classes: there is no class com.example.Nowhere");
    }

    @Test
    void a_second_route_behind_an_endpoint_of_the_program_is_reported_with_its_place() throws Exception {
        write("mine", "- route:", "    id: mine", "    from:", "      uri: direct:sink-database", LOG);

        assertThatThrownBy(this::run)
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("mine.camel.yaml, line 1: another route begins with direct:sink-database");
    }

    @Test
    void a_sink_without_its_route_is_reported_with_the_file_to_write() throws Exception {
        system.setProperty("contacts.sinks", "database,route:teams");
        sink("stop: {}");
        write("other", "- route:", "    from:", "      uri: direct:other", LOG);
        Files.delete(folder.resolve("routes/sink-teams.camel.yaml"));

        assertThatThrownBy(this::run).hasMessageContaining("define it in routes/sink-teams.camel.yaml");
    }

    /** Once, "check" said ok, the program started, and contacts waited for the route for good. */
    @ParameterizedTest
    @ValueSource(strings = {"sink-teams", "enrich"})
    void a_required_route_that_does_not_start_is_reported(String id) throws Exception {
        system.setProperty("contacts.sinks", "database,route:teams");
        sink("stop: {}");
        write(id, "- route:", "    id: " + id, "    autoStartup: false", "    from:", "      uri: direct:" + id, LOG);

        assertThatThrownBy(this::run)
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("routes/" + id + ".camel.yaml, line 1: autoStartup is false");
    }

    /** Once, "check" said ok, and each import waited for good for a route that nothing reached any more. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "name: sink-database | name: sink-databse | 11: no route begins with direct:sink-database, to which the"
                        + " program sends. This file replaces the program's",
                "'    description:' | '    precondition: \"false\"\n"
                        + "    description:' | 4: the precondition is false, so no route begins with direct:sink-database",
            })
    void a_copy_of_a_shipped_route_that_nothing_reaches_is_reported(String text, String instead, String problem)
            throws Exception {
        String shipped = Files.readString(Path.of("routes/sink-database.camel.yaml"));
        assertThat(shipped).contains(text);
        write("sink-database", shipped.replace(text, instead.replace("\\n", "\n")));

        assertThatThrownBy(this::run)
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("routes/sink-database.camel.yaml, line " + problem);
    }

    /** Once, "check" said ok, and each contact failed at that step. */
    @Test
    void a_step_that_sends_to_a_missing_route_is_reported() throws Exception {
        system.setProperty("contacts.sinks", "database,route:teams");
        sink("to: direct:nowhere");

        assertThatThrownBy(this::run)
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(
                        "routes/sink-teams.camel.yaml, line 6: no route begins with direct:nowhere: define one in a"
                                + " file of the folder routes, such as routes/nowhere.camel.yaml, or correct the name");

        sink("to: 'direct:nowhere?failIfNoConsumers=false'");
        assertThat(run()).hasSize(1);
        sink("wireTap: {uri: 'direct:tap'}");
        write("tap", "- route:", "    from:", "      uri: 'direct:tap?timeout=1000'", LOG);
        assertThat(run()).hasSize(2);
    }

    /** Once, "check" said ok, and the route took all memory until it was interrupted, and again with each contact. */
    @Test
    void a_route_that_sends_to_itself_is_reported() throws Exception {
        system.setProperty("contacts.sinks", "database,route:teams");
        sink("to: direct:sink-teams");
        assertThatThrownBy(this::run)
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("routes/sink-teams.camel.yaml, line 6: by direct:sink-teams the route calls"
                        + " itself and never ends");

        sink("to: direct:other");
        write("other", "- route:", "    from:", "      uri: direct:other", "      steps: [{to: 'direct:sink-teams'}]");
        assertThatThrownBy(this::run).hasMessageContaining("the route calls itself");

        sink("filter: {simple: '${body[x]}', steps: [{to: 'direct:other'}]}");
        assertThat(run()).hasSize(2);
        // Page by page, until there is none.
        sink("choice: {when: [{simple: '${body[x]}', steps: [{stop: {}}]}]}", "to: direct:sink-teams");
        assertThat(run()).hasSize(2);
    }

    /** Once, "check" said ok, and no request ever reached the route. */
    @Test
    void a_route_on_a_path_of_the_program_is_reported() throws Exception {
        write("mine", "- route:", "    from:", "      uri: platform-http:/contact-keys", LOG);

        assertThatThrownBy(this::run)
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("routes/mine.camel.yaml, line 1: platform-http:/contact-keys is a path of the"
                        + " program itself: give the route another one");
    }

    @Test
    void another_route_of_the_user_may_be_started_later() throws Exception {
        write("later", "- route:", "    id: later", "    autoStartup: false", "    from:", "      uri: timer:x", LOG);

        assertThat(run()).containsExactly("later (timer:x)");
    }

    @Test
    void a_start_without_any_route_is_refused() throws Exception {
        system.setProperty("camel.main.autoStartup", "false");

        assertThatThrownBy(this::run)
                .hasMessageContaining("camel.main.auto-startup: without routes the program would do nothing");
    }

    @Test
    void a_source_of_the_user_takes_in_nothing_and_makes_no_folder() throws Exception {
        write(
                "drop",
                "- route:",
                "    id: drop",
                "    from:",
                "      uri: file:" + folder.resolve("drop"),
                "      steps:",
                "        - to: direct:accept-keys");

        assertThat(run()).hasSize(1);
        assertThat(folder.resolve("drop")).doesNotExist();
    }

    @Test
    void a_source_of_a_missing_component_is_reported_with_its_line() throws Exception {
        write("drop", "- route:", "    id: drop", "    from:", "      uri: sftpp:host", LOG);

        assertThatThrownBy(this::run)
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("routes/drop.camel.yaml, line 1: No endpoint could be found for: sftpp");
    }
}
