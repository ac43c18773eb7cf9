package de.contactsync.routes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Shipped routes and those of the examples are what editors such as Kaoto know: Camel's own schema takes them. */
class RouteSchemaTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static JsonSchema schema() throws IOException {
        try (InputStream schema = RouteSchemaTest.class.getResourceAsStream("/schema/camelYamlDsl.json")) {
            return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V4).getSchema(schema);
        }
    }

    @Test
    void each_route_file_is_valid_and_each_route_has_an_id_and_a_description() throws IOException {
        JsonSchema schema = schema();
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
