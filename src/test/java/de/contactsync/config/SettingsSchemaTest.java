package de.contactsync.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The JSON Schema of the keys of {@code application.properties}, which {@link ConfigurationPageTest} writes. */
class SettingsSchemaTest {

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    static final Path FILE = Path.of("src/main/resources" + SettingDoc.SCHEMA);

    /** The whole file. */
    static String generated() throws IOException {
        return JSON.writeValueAsString(schema()) + "\n";
    }

    @Test
    void the_program_reads_of_it_what_was_written() throws IOException {
        assertThat(SettingDoc.all()).isEqualTo(ShippedProperties.docs());
    }

    static List<Path> files() throws IOException {
        try (Stream<Path> examples = Files.walk(Path.of("examples"))) {
            return Stream.concat(
                            Stream.of(ShippedProperties.FILE),
                            examples.filter(file -> file.endsWith(ShippedProperties.FILE)))
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void the_shipped_file_and_the_examples_fit_it(Path file) throws IOException {
        // Of the shipped file also what is commented out, which is the defaults.
        String text = Files.readString(file).replaceAll("(?m)^#(?=(jtl|contacts)\\.[\\w.-]+=)", "");
        assertThat(problems(text)).isEmpty();
        assertThat(Files.readAllLines(file).get(0))
                .as("first line of %s, as in the shipped application.properties", file)
                .contains("settings --schema application");
    }

    @ParameterizedTest
    @CsvSource({
        "jtl.concurency, 32",
        "jtl.concurrency, many",
        "jtl.response-timeout, 30 seconds",
        "contacts.sources, files",
        "jtl.tenants.shop.base-ur, http://127.0.0.1:1",
        "jtl.tenants.shop.concurrency, 4",
        "jtl.tenants.shop.max-attempts, many",
        "contacts.file.via, mail",
        "contacts.crm.kind, sap",
        "jtl.auth, foo",
        "jtl.path-style, v2",
        "jtl.base-url, http://erp.example.com",
        "jtl.tenant-id, shop",
        "jtl.concurrency, 513",
        "jtl.concurrency, 0",
        "contacts.status.port, 99999",
        "contacts.queue.port, 0",
        "contacts.http.port, off",
        "contacts.timer.keys, all",
        "contacts.alert.mail.tls, ssl",
        "contacts.retention.runs, for ever",
        "jtl.rate, 10",
        "jtl.quota-reserve, 91%",
        "contact.sinks, database",
        "contaxts.sinks, database",
        "jt.concurrency, 4",
        "Contacts.sinks, database",
        "camel.server.enabled, true",
        "jtl.quota-reserve, 0.1"
    })
    void it_refuses_what_the_program_refuses(String key, String value) throws IOException {
        assertThat(problems(key + "=" + value)).isNotEmpty();
        assertThat(SettingsOverview.of(Path.of("no-such-folder"), Map.of(), system(key, value))
                        .problems())
                .anyMatch(problem -> problem.contains(key));
    }

    @ParameterizedTest
    @CsvSource({
        "jtl.concurrency, 512",
        "jtl.concurrency, 1",
        "jtl.concurrency, 032",
        "jtl.base-url, http://127.0.0.1:8080/erp",
        "jtl.tenant-id, 3F2B8C1E5D704C399A520E6B7D1F4A88",
        "jtl.run-as, 7",
        "jtl.rate, 50000/24h",
        "jtl.quota-reserve, 0%",
        "jtl.quota-reserve, 90%",
        "contacts.status.port, 65535",
        "contacts.status.port, off",
        "contacts.chunk-size, 10000",
        "contacts.retention.runs, 90d",
        "contact.phone, for a route of the user",
        "camel.main.name, sync"
    })
    void it_takes_what_the_program_takes(String key, String value) throws IOException {
        assertThat(problems(key + "=" + value)).isEmpty();
        assertThat(SettingsOverview.of(Path.of("no-such-folder"), Map.of(), system(key, value))
                        .problems())
                .noneMatch(problem -> problem.contains(key));
    }

    /** Once, it was refused as a name that nobody knows. */
    @Test
    void it_knows_the_batch_size_of_each_sink() throws IOException {
        assertThat(problems("contacts.sink.teams.batch-size=500")).isEmpty();
        assertThat(problems("contacts.sink.teams.batch-size=10001")).isNotEmpty();
    }

    @Test
    void the_program_takes_each_value_that_it_offers() throws IOException {
        for (SettingDoc doc : SettingDoc.all()) {
            for (String choice : SchemaPatterns.choices(doc)) {
                assertThat(SettingsOverview.of(Path.of("no-such-folder"), Map.of(), system(doc.key(), choice))
                                .problems())
                        .as(doc.key() + "=" + choice)
                        .noneMatch(problem -> problem.startsWith(doc.key() + " ") && problem.contains("expected any"))
                        .noneMatch(problem -> problem.contains("expected " + doc.allowed()));
            }
        }
    }

    private static Properties system(String key, String value) {
        Properties system = new Properties();
        system.setProperty(key, value);
        return system;
    }

    private static List<String> problems(String properties) throws IOException {
        Properties read = new Properties();
        read.load(new StringReader(properties));
        JsonSchema schema = JsonSchemaFactory.getInstance(VersionFlag.V7).getSchema(Files.readString(FILE));
        return schema.validate(JSON.valueToTree(read)).stream()
                .map(Object::toString)
                .toList();
    }

    private static ObjectNode schema() throws IOException {
        ObjectNode schema = JSON.createObjectNode();
        schema.put("$schema", "http://json-schema.org/draft-07/schema#");
        schema.put("title", "application.properties of JTL contact sync");
        schema.put("type", "object");
        ObjectNode properties = schema.putObject("properties");
        for (SettingDoc doc : ShippedProperties.docs()) {
            ObjectNode property = properties.putObject(doc.key());
            property.put("description", doc.meaning());
            property.put("type", "string");
            List<String> choices = SchemaPatterns.choices(doc);
            if (!choices.isEmpty()) {
                ArrayNode values = property.putArray("enum");
                choices.forEach(values::add);
                // Set to nothing is not set.
                values.add("");
            } else if (SchemaPatterns.value(doc) != null) {
                property.put("pattern", "^(" + SchemaPatterns.value(doc) + ")?$");
            }
            if (doc.defaultValue() != null) {
                property.put("default", doc.defaultValue());
            }
            if (doc.secret()) {
                property.put("writeOnly", true);
            }
            property.put(SettingDoc.SECTION, doc.section());
            if (doc.allowed() != null) {
                property.put(SettingDoc.ALLOWED, doc.allowed());
            }
        }
        ObjectNode others = schema.putObject("patternProperties");
        for (SettingDoc doc : ShippedProperties.docs()) {
            if (doc.key().startsWith("jtl.") && !doc.key().matches("jtl\\.(concurrency|refusal-pause)")) {
                others.putObject("^jtl\\.tenants\\.[A-Za-z0-9_-]{1,60}\\."
                                + doc.key().substring("jtl.".length()).replace(".", "\\.") + "$")
                        .put("$ref", "#/properties/" + doc.key());
            }
        }
        others.putObject("^contacts\\.sink\\.[a-z0-9-]+\\.batch-size$")
                .put("type", "string")
                .put("pattern", "^" + SchemaPatterns.number(1, RouteSinkSettingsParser.LARGEST_BATCH) + "$");
        others.putObject(SchemaPatterns.otherNames());
        schema.put("additionalProperties", false);
        return schema;
    }
}
