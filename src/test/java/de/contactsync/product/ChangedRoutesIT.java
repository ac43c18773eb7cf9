package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged jar with routes that its user has changed and added, as docs/extending-routes.md tells. */
class ChangedRoutesIT {

    private static final Duration LONG = Duration.ofSeconds(90);

    /** A step between the lookup and the sinks. */
    private static final String MASK = """
        package example;

        import de.contactsync.model.CustomerContact;
        import de.contactsync.model.EnrichedChunk;
        import de.contactsync.model.Outcome;

        public class Mask {
            public EnrichedChunk maskPhones(EnrichedChunk enriched) {
                return new EnrichedChunk(enriched.chunk(), enriched.outcomes().stream().map(Mask::mask).toList());
            }

            private static Outcome mask(Outcome outcome) {
                if (!(outcome instanceof Outcome.Found found)) {
                    return outcome;
                }
                CustomerContact c = found.contact();
                return new Outcome.Found(new CustomerContact(c.department(), c.honorific(), c.firstName(),
                        c.lastName(), "***", "***", c.emailAddress(), c.fax()), found.askedAt());
            }
        }
        """;

    private static final String JAVA_ROUTE = """
        package example;

        import org.apache.camel.builder.RouteBuilder;

        public class TeamsRoute extends RouteBuilder {
            @Override
            public void configure() {
                from("direct:sink-teams").routeId("sink-teams")
                        .setBody(simple("${header.contactId} ${body[phoneNumber]}"))
                        .to("file:out?fileName=teams.txt&fileExist=Append&appendChars=\\\\n");
            }
        }
        """;

    /** Keys of a source of the user's own: whatever it writes into the inbox is worked on once it is whole. */
    private static final String OWN_SOURCE = """
        - route:
            id: source-own
            from:
              uri: timer:own?repeatCount=1&delay=0
              steps:
                - setBody:
                    constant: '{"customerId":"%s","contactId":"%s"}'
                - to:
                    uri: file:inbox
                    parameters:
                      fileName: own.ndjson
                      tempPrefix: .
        """;

    private static final String TAP = """
        - route:
            id: tap
            from:
              uri: direct:tap
              steps:
                - convertBodyTo:
                    type: java.util.List
                - setBody:
                    simple: "${body.size} stored, ${body[0][phoneNumber]}"
                - to:
                    uri: file:out?fileName=tap.txt&fileExist=Append
        """;

    private static final String MASKING_SINK = """
        - route:
            id: sink-teams
            from:
              uri: direct:sink-teams
              steps:
                - log: "teams gets ${header.contactId}"
                - script:
                    simple: "${body.put('phoneNumber', '***')}"
                - marshal:
                    custom:
                      ref: contactsJson
                - to: file:out?fileName=teams.txt&fileExist=Append
        """;

    @TempDir
    Path folder;

    private Path home;

    @BeforeEach
    void copyTheShippedRoutes() throws IOException {
        home = Files.createDirectories(folder.resolve("home"));
        try (Stream<Path> shipped = Files.list(Path.of("routes"))) {
            for (Path file : shipped.toList()) {
                write(file.getFileName().toString(), Files.readString(file));
            }
        }
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(Files.createDirectories(home.resolve("routes")).resolve(name), text);
    }

    private static String step(String kind, String... lines) {
        return "        - " + kind + ":\n            " + String.join("\n            ", lines) + "\n";
    }

    private void change(String name, String step, String after) throws IOException {
        String text = Files.readString(home.resolve("routes/" + name));
        assertThat(text).contains(step);
        write(name, text.replace(step, after));
    }

    /** Compiled against the program, as a user does. */
    private Path library() throws IOException {
        Path sources = Files.createDirectories(folder.resolve("src/example"));
        Path classes = Files.createDirectories(folder.resolve("classes"));
        Path mask = Files.writeString(sources.resolve("Mask.java"), MASK);
        Path route = Files.writeString(sources.resolve("TeamsRoute.java"), JAVA_ROUTE);
        assertThat(ToolProvider.getSystemJavaCompiler()
                        .run(
                                null,
                                null,
                                null,
                                "-proc:none",
                                "--release",
                                "17",
                                "-cp",
                                System.getProperty("java.class.path"),
                                "-d",
                                classes.toString(),
                                mask.toString(),
                                route.toString()))
                .isZero();
        Path jar = folder.resolve("example.jar");
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(file)) {
            for (String name : List.of("example/Mask.class", "example/TeamsRoute.class")) {
                entries.putNextEntry(new JarEntry(name));
                entries.write(Files.readAllBytes(classes.resolve(name)));
            }
        }
        return jar;
    }

    private String out(String name) throws IOException {
        Path file = home.resolve("out/" + name);
        return Files.exists(file) ? Files.readString(file) : "";
    }

    @Test
    void a_masking_step_a_tap_an_own_source_and_a_java_route_from_lib_work_together() throws Exception {
        KeyFiles.Key key = KeyFiles.good(5, 1).keys().get(0);
        change(
                "process-chunk.camel.yaml",
                "        # Before the database",
                step("bean", "beanType: example.Mask", "method: maskPhones") + "        # Before the database");
        change(
                "sink-database.camel.yaml",
                "            method: commit\n",
                "            method: commit\n" + step("wireTap", "uri: direct:tap"));
        change("sink-database.camel.yaml", "# version: ", "# was version: ");
        write("tap.camel.yaml", TAP);
        write("source-own.camel.yaml", OWN_SOURCE.formatted(key.customerId(), key.contactId()));
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.defaults());
                Product product = Product.in(home).against(jtl).withLibraries(library())) {
            product.with("contacts.sinks", "database,route:teams")
                    .with("contacts.file.settle", "100ms")
                    .with("camel.main.routes-builder-classes", "example.TeamsRoute");
            RunningProduct running = product.start("run");

            await().atMost(LONG)
                    .until(() -> !out("teams.txt").isEmpty() && !out("tap.txt").isEmpty() || !running.isAlive());
            assertThat(out("teams.txt")).as(running.toString()).isEqualTo(key.contactId() + " ***\n");
            assertThat(out("tap.txt")).isEqualTo("1 stored, ***");
            assertThat(Tables.of(product).rows("SELECT phone_number, mobile_phone_number FROM contact"))
                    .containsExactly(List.of("***", "***"));
            assertThat(running.stderr())
                    .contains("With [example.jar] from ")
                    .contains("routes/sink-database.camel.yaml was copied from an unknown version")
                    .doesNotContain("routes/enrich.camel.yaml was copied");
            running.terminate();
            assertThat(running.exitCode(LONG)).as(running.toString()).isZero();
        }
    }

    /** Needs no class of the user's, which on Quarkus would have to be there when it is built. */
    @Test
    @OnBothRuntimes
    void a_tap_a_source_and_a_masking_sink_are_only_files_in_the_folder() throws Exception {
        KeyFiles.Key key = KeyFiles.good(5, 1).keys().get(0);
        change(
                "sink-database.camel.yaml",
                "            method: commit\n",
                "            method: commit\n" + step("wireTap", "uri: direct:tap"));
        write("tap.camel.yaml", TAP);
        write("source-own.camel.yaml", OWN_SOURCE.formatted(key.customerId(), key.contactId()));
        write("sink-teams.camel.yaml", MASKING_SINK);
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.defaults());
                Product product = Product.in(home).against(jtl)) {
            product.with("contacts.sinks", "database,route:teams").with("contacts.file.settle", "100ms");
            RunningProduct running = product.start("run");

            await().atMost(LONG)
                    .until(() -> !out("teams.txt").isEmpty() && !out("tap.txt").isEmpty() || !running.isAlive());
            assertThat(out("teams.txt"))
                    .as(running.toString())
                    .contains("\"contactId\":\"" + key.contactId() + "\"")
                    .contains("\"phoneNumber\":\"***\"");
            assertThat(out("tap.txt")).startsWith("1 stored, ").doesNotContain("***");
            assertThat(running.stderr()).contains("teams gets " + key.contactId());
            running.terminate();
            assertThat(running.exitCode(LONG)).as(running.toString()).isZero();
        }
    }

    @Test
    @OnBothRuntimes
    void a_broken_route_file_ends_the_start_with_its_line_and_what_to_do() throws Exception {
        change("sink-database.camel.yaml", "            ref: chunkStore", "            ref: chunkStoer");
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.defaults());
                Product product = Product.in(home).against(jtl)) {
            RunningProduct broken = product.start("run");

            assertThat(broken.exitCode(LONG)).as(broken.toString()).isEqualTo(2);
            assertThat(broken.stderr())
                    .containsPattern(
                            "routes/sink-database\\.camel\\.yaml, line \\d+: No bean could be found in the registry"
                                    + " for: chunkStoer\\. Correct the file, or remove it from the folder");
        }
    }
}
