package de.contactsync.routes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Shipped routes and those of the examples are what editors such as Kaoto know: Camel's own schema takes them. */
@Tag("slow")
class RouteSchemaTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static JsonSchema schema;
    private static JsonSchema canonical;

    @BeforeAll
    static void read() throws IOException {
        try (InputStream file = RouteSchemaTest.class.getResourceAsStream("/schema/camelYamlDsl.json")) {
            JsonNode json = JSON.readTree(file);
            JsonSchemaFactory factory = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V4);
            schema = factory.getSchema(json);
            canonical = factory.getSchema(canonical(json.deepCopy()));
        }
    }

    /**
     * The same without Camel's short forms: a text in place of a step, of an expression or of a language, and the name
     * of a language in place of {@code expression}. Camel 4.18 has no schema of its own for that.
     */
    private static JsonNode canonical(JsonNode node) {
        if (node.path("oneOf") instanceof ArrayNode forms) {
            if (forms.size() == 2
                    && forms.get(0).path("type").asText().equals("string")
                    && forms.get(1).path("type").asText().equals("object")) {
                forms.remove(0);
            } else if (forms.path(0).path("$ref").asText().endsWith("ExpressionDefinition")) {
                // The language itself, and none; what remains is "expression".
                forms.remove(0);
                forms.remove(0);
            }
        }
        node.forEach(RouteSchemaTest::canonical);
        return node;
    }

    private static Set<ValidationMessage> problems(String yaml) {
        return canonical.validate(
                JSON.valueToTree(new Load(LoadSettings.builder().build()).loadFromString(yaml)));
    }

    @Test
    void each_shipped_route_is_written_in_the_canonical_form_and_says_what_is_to_be_known() throws IOException {
        try (Stream<Path> files = files(Path.of("routes"))) {
            for (Path file : files.toList()) {
                String yaml = Files.readString(file);
                assertThat(problems(yaml)).as(file.toString()).isEmpty();
                assertThat(yaml).doesNotContainPattern("uri: \\S*\\?");
                // A configuration of routes has no place for one.
                if (!file.endsWith("error-policies.camel.yaml")) {
                    assertThat(yaml).as(file.toString()).containsPattern("(?m)^    note: ");
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{to: 'log:x'}",
                "{setBody: {simple: x}}",
                "{setBody: {simple: {expression: x}}}",
                "{setBody: {expression: {simple: x}}}",
            })
    void a_short_form_is_not_canonical(String step) {
        String route = "[{route: {id: r, from: {uri: direct, parameters: {name: r}, steps: [STEP]}}}]";

        assertThat(problems(route.replace("STEP", step))).isNotEmpty();
        assertThat(problems(route.replace("STEP", "{setBody: {expression: {simple: {expression: x}}}}")))
                .isEmpty();
    }

    @Test
    void each_route_file_is_valid_and_each_route_has_an_id_and_a_description() throws IOException {
        Map<Path, Object> problems = new TreeMap<>();
        try (Stream<Path> files = Stream.of(
                        "routes",
                        "examples/route-sink/routes",
                        "examples/dead-letter/file",
                        "examples/dead-letter/webhook",
                        "examples/dead-letter/mail",
                        "examples/dead-letter/kafka")
                .map(Path::of)
                .flatMap(RouteSchemaTest::files)) {
            for (Path file : files.toList()) {
                Object yaml = new Load(LoadSettings.builder().build()).loadFromString(Files.readString(file));
                var found = schema.validate(JSON.valueToTree(yaml));
                if (!found.isEmpty()) {
                    problems.put(file, found);
                }
                for (Object each : (List<?>) yaml) {
                    assertThat((Map<?, ?>)
                                    ((Map<?, ?>) each).values().iterator().next())
                            .as(file.toString())
                            .extracting("id", "description")
                            .doesNotContainNull();
                }
            }
        }
        assertThat(problems).isEmpty();
    }

    private static Stream<Path> files(Path folder) {
        try {
            return Files.list(folder);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
