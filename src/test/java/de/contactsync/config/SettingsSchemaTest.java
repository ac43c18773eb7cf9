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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The JSON Schema of the keys of {@code application.properties}, which {@link ConfigurationPageTest} writes. */
class SettingsSchemaTest {

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    static final Path FILE = Path.of("src/main/resources" + SettingDoc.SCHEMA);
    private static final Pattern CHOICE = Pattern.compile("[\\w-]+(, [\\w-]+)* or [\\w-]+");

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
        "jtl.quota-reserve, 0.1"
    })
    void it_refuses_what_the_program_refuses(String key, String value) throws IOException {
        assertThat(problems(key + "=" + value)).isNotEmpty();
        assertThat(SettingsOverview.of(Path.of("no-such-folder"), Map.of(), system(key, value))
                        .problems())
                .anyMatch(problem -> problem.contains(key));
    }

    @Test
    void the_program_takes_each_value_that_it_offers() throws IOException {
        for (SettingDoc doc : SettingDoc.all()) {
            for (String choice : choices(doc)) {
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
            List<String> choices = choices(doc);
            if (!choices.isEmpty()) {
                ArrayNode values = property.putArray("enum");
                choices.forEach(values::add);
                // Set to nothing is not set.
                values.add("");
            } else if (pattern(doc) != null) {
                property.put("pattern", "^(" + pattern(doc) + ")?$");
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
        // Camel's own keys, and those of the routes of users.
        others.putObject("^(?!jtl\\.|contacts\\.)");
        schema.put("additionalProperties", false);
        return schema;
    }

    private static List<String> choices(SettingDoc doc) {
        return doc.allowed() == null || !CHOICE.matcher(doc.allowed()).matches()
                ? List.of()
                : List.of(doc.allowed().split(", | or "));
    }

    /** Null where any text may be. */
    private static String pattern(SettingDoc doc) {
        String allowed = String.valueOf(doc.allowed());
        List<String> alternatives = new ArrayList<>();
        if (allowed.startsWith("a whole number")) {
            alternatives.add("\\d+");
            alternatives.add("off");
        } else if (allowed.startsWith("a duration such as")) {
            alternatives.add("\\d{1,9}(ms|s|m|h|d)");
        } else if (allowed.startsWith("a percentage")) {
            alternatives.add("\\d{1,3}%");
        } else if (allowed.startsWith("any of ")) {
            String name = "("
                    + allowed.substring("any of ".length())
                            .replaceAll(", | and ", "|")
                            .replace("NAME", "[a-z0-9-]+") + ")";
            alternatives.add(name + "( *, *" + name + ")*");
        }
        return alternatives.isEmpty() ? null : String.join("|", alternatives);
    }
}
