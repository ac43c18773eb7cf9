package de.contactsync.crm.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * The JSON Schema of mapping files is generated from the names that {@link MappingFile} knows. After a change to them,
 * write it anew: {@code ./mvnw test -Dtest=MappingSchemaTest -Ddocs.write=true}.
 */
class MappingSchemaTest {

    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(SerializationFeature.INDENT_OUTPUT, SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);
    private static final Path FILE = Path.of("mapping/mapping.schema.json");
    private static final Map<String, Object> SOURCE = Map.of("enum", new TreeSet<>(FieldSource.names()));
    private static final Map<String, Object> TEXT = Map.of("type", "string", "pattern", "\\S");
    private static final Map<String, Object> CONSTANT = Map.of("type", List.of("string", "number", "boolean"));

    @Test
    void the_schema_is_what_the_code_makes_of_its_names() throws IOException {
        String generated = JSON.writeValueAsString(schema()) + "\n";
        if (Boolean.getBoolean("docs.write")) {
            Files.writeString(FILE, generated);
        } else {
            assertThat(FILE)
                    .as("run this test with -Ddocs.write=true")
                    .content()
                    .isEqualTo(generated);
        }
    }

    static List<Path> files() throws IOException {
        try (Stream<Path> shipped = Files.list(Path.of("mapping"));
                Stream<Path> examples = Files.walk(Path.of("examples"))) {
            return Stream.concat(
                            shipped, examples.filter(file -> file.toString().contains("/mapping/")))
                    .filter(file -> file.toString().endsWith(".yaml"))
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void shipped_mappings_and_examples_fit_it_and_name_it_in_their_first_line(Path file) throws IOException {
        String text = Files.readString(file);
        assertThat(problems(text)).isEmpty();
        assertThat(MappingFile.parse(file.toString(), text)).isNotNull();
        String link = text.lines().findFirst().orElseThrow();
        assertThat(link)
                .as("first line of %s, as in mapping/rest.yaml", file)
                .startsWith("# yaml-language-server: $schema=");
        assertThat(file.resolveSibling(link.substring(link.indexOf('=') + 1)).normalize())
                .isEqualTo(FILE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{key: id, default-country: DE}",
                "{key: id, fields: {a: {from: fax, transform: e164}}}",
                "{key: id, fields: {a: {constant: x, default: y}}}",
                "{key: id, fields: {a: {constant: x, value-map: {a: b}}}}",
                "{key: id, fields: {a: {from: fax, value-map: [a]}}}",
                "{key: id, fields: {a: {from: fax, max-length: 0}}}",
                "{key: id, fields: {a: {constant: x, max-length: 1}}}",
                "{key: id, fields: {a: {from: []}}}",
                "{key: id, fields: {a: {from: fax, when: {telex: x}}}}",
                "{key: id, fields: {a: {from: fax, when: {fax: []}}}}",
                "{key: id, fields: {a: {from: fax, when: fax}}}",
                "{key: id, fields: {a: {from: fax, when: {}}}}",
                "{key: id, fields: {a: {from: fax, when: {fax: {not: []}}}}}",
                "{key: id, fields: {a: {from: fax, when: {fax: {never: x}}}}}",
                "{key: id, only-if: {telex: x}, fields: {a: {from: fax}}}",
                "{key: id, fields: {a: {from: fax, too-long: cut}}}",
                "{key: id, fields: {a: {from: fax, max-length: 3, too-long: never}}}",
                "{key: id, fields: {a: {from: fax, transform: e164, country: {from: fax}}}}",
                "{key: id, fields: {a: {from: fax, country: {from: telex}}}}",
                "{key: id, fields: {a: {from: fax, country: de}}}",
                "{key: id, fields: {a: {constant: x, country: DE}}}",
                "{key: id, only-if: {}, fields: {a: {from: fax}}}",
                "{key: id, block-list: [x], fields: {a: {from: fax}}}",
                "{key: id, fields: {a: {from: fax, split: {at: x}}}}",
                "{key: id, fields: {a: {from: fax, split: {at: x, take: 0}}}}",
                "{key: id, fields: {a: {from: fax, split: {at: '', take: 1}}}}",
                "{key: id, fields: {a: {constant: x, split: {at: x, take: 1}}}}",
                "{key: id, fields: {a: {from: fax, type: integer}}}",
                "{key: id, fields: {a: {constant: 1, type: number}}}",
                "{key: id, fields: {a: {from: [fax, telex]}}}",
                "{key: id, fields: {a: {from: fax, transform: [trim, e164]}}}",
                "{key: id, default-country: de, fields: {a: {from: fax}}}",
                "{key: id, default-country: DE, fields: {a: {from: faxNumber}}}",
                "{key: id, default-country: DE, fields: {a: {from: fax, constant: 1}}}",
                "{key: id, default-country: DE, fields: {a: {from: fax, transform: capitals}}}",
                "{key: id, default-country: DE, fields: {a: {form: fax}}}",
                "{key: id, default-country: DE, fields: {}, gone: {a: {gone: 1}}}",
                "{key: id, default-country: DE, fields: {}, feilds: {}}",
                "{key: id, default-country: DE, fields: {}, steps: {a1: {find: GET /a}}}",
                "{key: id, default-country: DE, fields: {}, steps: {a: {found: [1]}}}",
                "{key: id, default-country: DE, fields: {}, steps: {a: {write: POST /a}}}"
            })
    void it_refuses_what_the_program_refuses(String text) {
        assertThat(problems(text)).isNotEmpty();
        assertThatThrownBy(() -> MappingFile.parse("mapping/rest.yaml", text)).isInstanceOf(MappingException.class);
    }

    /** It was asked for although there was nothing that it could be used for. */
    @Test
    void a_country_is_needed_only_where_phone_numbers_are_written_anew() {
        String text =
                "{key: id, fields: {a: {from: fax, transform: [trim, lower-case]}, b: {from: fax, transform: e164,"
                        + " country: AT}}}";
        assertThat(problems(text)).isEmpty();
        assertThat(MappingFile.parse("mapping/rest.yaml", text).fieldNames()).containsExactly("a", "b");
    }

    private static List<String> problems(String yaml) {
        JsonNode file = JSON.valueToTree(new Load(LoadSettings.builder().build()).loadFromString(yaml));
        return JsonSchemaFactory.getInstance(VersionFlag.V7)
                .getSchema(JSON.valueToTree(schema()))
                .validate(file)
                .stream()
                .map(Object::toString)
                .toList();
    }

    private static Map<String, Object> schema() {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("$schema", "http://json-schema.org/draft-07/schema#");
        schema.put("title", "Mapping of contacts to the fields of a CRM");
        schema.put("type", "object");
        schema.put("required", List.of("key", "fields"));
        Map<String, Object> e164 = Map.of("enum", List.of("e164", "e164-number", "e164-text"));
        Map<String, Object> withE164 = Map.of(
                "required",
                List.of("transform"),
                "not",
                Map.of("required", List.of("country"), "properties", Map.of("country", TEXT)),
                "properties",
                Map.of("transform", Map.of("anyOf", List.of(e164, Map.of("type", "array", "contains", e164)))));
        schema.put(
                "if", Map.of("properties", Map.of("fields", Map.of("additionalProperties", Map.of("not", withE164)))));
        schema.put("else", Map.of("required", List.of("default-country")));
        schema.put("allOf", List.of(withoutLookup()));
        schema.put("additionalProperties", false);
        schema.put(
                "properties",
                described(
                        MappingParser.PARTS,
                        Map.of(
                                "key", with(TEXT, "The field of the CRM that tells which contact of JTL a record is."),
                                "company-key",
                                        with(
                                                TEXT,
                                                "The field of the CRM's companies that tells which customer of JTL one is."),
                                "default-country",
                                        with(
                                                Map.of("enum", PhoneNumbers.countries()),
                                                "Country of phone numbers that begin with neither + nor 00, for the transformation e164."),
                                "lookup",
                                        with(
                                                Map.of("anyOf", List.of(TEXT, ordered("type", "array", "items", TEXT))),
                                                "CSV files beside this one, whose columns are further fields of a"
                                                        + " contact."),
                                "only-if",
                                        with(
                                                conditions(),
                                                "Which contacts are sent: fields of JTL's contact, and a value or several for"
                                                        + " each, * for any, or not: with those that it must not have."),
                                "block-list",
                                        with(
                                                TEXT,
                                                "A file beside this one with contacts, e-mail addresses and domains that"
                                                        + " are never sent."),
                                "salutations",
                                        with(
                                                Map.of("type", "object", "additionalProperties", CONSTANT),
                                                "What the transformation salutation makes of an honorific."),
                                "fields",
                                        with(
                                                Map.of("type", "object", "additionalProperties", field()),
                                                "Fields of the CRM, and what goes into each."),
                                "gone",
                                        with(
                                                Map.of(
                                                        "type",
                                                        "object",
                                                        "additionalProperties",
                                                        Map.of("anyOf", List.of(CONSTANT, flag()))),
                                                "With contacts.on-gone=flag: what is written into which field when JTL has a contact no"
                                                        + " longer."),
                                "steps",
                                        with(
                                                Map.of(
                                                        "type",
                                                        "object",
                                                        "propertyNames",
                                                        Map.of("pattern", "^[A-Za-z]+$"),
                                                        "additionalProperties",
                                                        step()),
                                                "With contacts.crm.kind=rest: calls that follow a contact, by the names"
                                                        + " in contacts.crm.rest.steps."))));
        return schema;
    }

    private static Map<String, Object> step() {
        return ordered(
                "type",
                "object",
                "additionalProperties",
                false,
                "properties",
                described(
                        MappingParser.STEP_PARTS,
                        Map.of(
                                "find", with(TEXT, "The call that finds what the step is about."),
                                "found", with(TEXT, "Where its answer has the records; as contacts.crm.rest.found."),
                                "found-id", with(TEXT, "Where a record has its id; as contacts.crm.rest.found-id."),
                                "create", with(TEXT, "The call that makes it where it is not there."),
                                "update", with(TEXT, "The call that changes it, or is made without find each time."),
                                "delete", with(TEXT, "The call that deletes it where the contact has no value for it."),
                                "id", with(TEXT, "Where the answer to create has the id; as contacts.crm.rest.id."),
                                "fields",
                                        with(
                                                Map.of("type", "object", "additionalProperties", field()),
                                                "Fields of its record, and what goes into each."))));
    }

    /** Where no file has further ones, only fields of JTL's contact can be named. */
    private static Map<String, Object> withoutLookup() {
        Map<String, Object> conditions = Map.of("propertyNames", SOURCE);
        Map<String, Object> field = Map.of(
                "properties",
                Map.of(
                        "from", oneOrSeveral(SOURCE),
                        "when", conditions,
                        "country", Map.of("properties", Map.of("from", SOURCE))));
        return ordered(
                "if",
                Map.of("not", Map.of("required", List.of("lookup"))),
                "then",
                Map.of("properties", Map.of("only-if", conditions, "fields", Map.of("additionalProperties", field))));
    }

    private static Map<String, Object> oneOrSeveral(Map<String, Object> source) {
        return Map.of("anyOf", List.of(source, ordered("type", "array", "minItems", 1, "items", source)));
    }

    private static Map<String, Object> field() {
        Map<String, Object> transform = Map.of(
                "enum",
                Arrays.stream(FieldTransform.values())
                        .map(FieldTransform::toString)
                        .toList());
        return ordered(
                "type",
                "object",
                "additionalProperties",
                false,
                "dependencies",
                Map.of("too-long", List.of("max-length")),
                "oneOf",
                List.of(
                        Map.of("required", List.of("from")),
                        Map.of("required", List.of("template")),
                        ordered(
                                "required",
                                List.of("constant"),
                                "not",
                                Map.of(
                                        "anyOf",
                                        List.of(
                                                Map.of("required", List.of("default")),
                                                Map.of("required", List.of("max-length")),
                                                Map.of("required", List.of("country")),
                                                Map.of("required", List.of("split")),
                                                Map.of("required", List.of("type")),
                                                Map.of("required", List.of("value-map")))))),
                "properties",
                described(
                        FieldParser.PARTS,
                        ordered(
                                "from",
                                        with(
                                                oneOrSeveral(TEXT),
                                                "A field of JTL's contact, or several, of which the first with a value"
                                                        + " counts."),
                                "template", with(TEXT, "A text with names of such fields, as {lastName}."),
                                "constant", with(CONSTANT, "The same for all contacts."),
                                "transform",
                                        with(
                                                Map.of(
                                                        "anyOf",
                                                        List.of(
                                                                transform,
                                                                ordered("type", "array", "items", transform))),
                                                "What is done to the value, in this order."),
                                "value-map",
                                        with(
                                                Map.of(
                                                        "type",
                                                        "object",
                                                        "additionalProperties",
                                                        Map.of("type", List.of("string", "number", "boolean", "null"))),
                                                "What values become, * for all others; null: as if there were none."),
                                "max-length",
                                        with(
                                                Map.of("type", "integer", "minimum", 1, "maximum", 999_999),
                                                "Most characters."),
                                "too-long",
                                        with(
                                                Map.of(
                                                        "enum",
                                                        Arrays.stream(FieldMapping.TooLong.values())
                                                                .map(FieldMapping.TooLong::toString)
                                                                .toList()),
                                                "What becomes of a value with more: cut off unless given, or its contact"
                                                        + " refused."),
                                "country",
                                        with(
                                                Map.of(
                                                        "anyOf",
                                                        List.of(
                                                                Map.of("enum", PhoneNumbers.countries()),
                                                                ordered(
                                                                        "type",
                                                                        "object",
                                                                        "additionalProperties",
                                                                        false,
                                                                        "required",
                                                                        List.of("from"),
                                                                        "properties",
                                                                        Map.of("from", TEXT)))),
                                                "Of phone numbers, in place of default-country, or from a field that holds"
                                                        + " it."),
                                "default", with(TEXT, "What is sent where there is no value."),
                                "overwrite-with-empty",
                                        with(
                                                Map.of("enum", List.of(true, false, "true", "false")),
                                                "Whether no value at JTL clears the one of the CRM."),
                                "write",
                                        with(
                                                Map.of(
                                                        "enum",
                                                        Arrays.stream(WritePolicy.values())
                                                                .map(WritePolicy::toString)
                                                                .toList()),
                                                "When it is written into a record that is there; always unless"
                                                        + " given."),
                                "when", with(conditions(), "For which contacts it is filled, as only-if."),
                                "split",
                                        with(
                                                ordered(
                                                        "type",
                                                        "object",
                                                        "additionalProperties",
                                                        false,
                                                        "required",
                                                        List.of("at", "take"),
                                                        "properties",
                                                        ordered(
                                                                "at",
                                                                ordered("type", "string", "minLength", 1),
                                                                "take",
                                                                Map.of(
                                                                        "anyOf",
                                                                        List.of(
                                                                                Map.of(
                                                                                        "enum",
                                                                                        List.of("first", "last")),
                                                                                ordered(
                                                                                        "type", "integer", "minimum", 1,
                                                                                        "maximum", 99))))),
                                                "Which part of the value is taken, before all else."),
                                "type",
                                        with(
                                                Map.of(
                                                        "enum",
                                                        Arrays.stream(ValueType.values())
                                                                .map(ValueType::toString)
                                                                .toList()),
                                                "As what kind=rest sends it; text unless given."))));
    }

    private static Map<String, Object> conditions() {
        List<Map<String, Object>> values =
                List.of(CONSTANT, ordered("type", "array", "minItems", 1, "items", CONSTANT));
        Map<String, Object> not = ordered(
                "type",
                "object",
                "required",
                List.of("not"),
                "additionalProperties",
                false,
                "properties",
                Map.of("not", Map.of("anyOf", values)));
        return ordered(
                "type",
                "object",
                "minProperties",
                1,
                "additionalProperties",
                Map.of("anyOf", Stream.concat(values.stream(), Stream.of(not)).toList()));
    }

    private static Map<String, Object> flag() {
        return ordered(
                "type",
                "object",
                "required",
                List.of("gone", "back"),
                "additionalProperties",
                false,
                "properties",
                ordered("gone", CONSTANT, "back", CONSTANT));
    }

    /** What the program knows, no more and no less. */
    private static Map<String, Object> described(Set<String> names, Map<String, Object> descriptions) {
        assertThat(descriptions.keySet()).as("described here").isEqualTo(names);
        return new TreeMap<>(descriptions);
    }

    private static Map<String, Object> with(Map<String, Object> type, String description) {
        Map<String, Object> described = new TreeMap<>(type);
        described.put("description", description);
        return described;
    }

    private static Map<String, Object> ordered(Object... namesAndValues) {
        Map<String, Object> ordered = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            ordered.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return ordered;
    }
}
