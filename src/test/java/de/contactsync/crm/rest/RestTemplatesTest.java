package de.contactsync.crm.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.NullNode;
import de.contactsync.crm.CrmJson;
import de.contactsync.crm.CrmResponse;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.crm.mapping.MappingException;
import de.contactsync.crm.mapping.MappingFile;
import de.contactsync.crm.rest.StatusMapping.Meaning;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A value stays in its place, whatever is in it. */
class RestTemplatesTest {

    private static final Set<String> KNOWN = Set.of("key", "email");
    private static final JsonNode NONE = MissingNode.getInstance();

    private static UnaryOperator<String> all(String value) {
        return name -> value;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a/b",
                "a?b=c",
                "a#b",
                "a&b=c",
                "a%2Fb",
                "a b",
                "a+b",
                "a'b",
                "a\"b",
                "ü€😀",
                "a\r\nX-Evil: yes",
                "{key}",
                "{{sys:user}}",
                "a;b=c",
                "//evil.test/",
                "https://evil.test",
                "a\\b",
                "a\u0000b",
                "jörg@example.org",
                "x');drop--",
                "$filter"
            })
    void in_a_url_it_is_one_segment_and_one_parameter(String value) throws Exception {
        UrlTemplate url = UrlTemplate.parse("/a/{key}/b?c={email}&d=1", KNOWN);
        assertThat(url.lacking(all(value))).isNull();
        URI uri = new URI("http://host" + url.path(all(value)) + "?" + url.query(all(value)));

        assertThat(uri.getHost()).isEqualTo("host");
        assertThat(uri.getRawFragment()).isNull();
        assertThat(uri.getRawPath().split("/")).hasSize(4).startsWith("", "a").endsWith("b");
        assertThat(uri.getRawQuery().split("&")).hasSize(2).endsWith("d=1");
        assertThat(uri.getPath()).isEqualTo("/a/" + value + "/b");
        assertThat(uri.toString()).matches("[A-Za-z0-9:/?&=%._~-]+");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {"O'Hara, O%27%27Hara", "', %27%27", "a)b, a%29b"})
    void in_single_quotes_it_stays_within_them(String value, String expected) {
        UrlTemplate url = UrlTemplate.parse("/contacts(key='{key}')?$filter=a%20eq%20'{email}'", KNOWN);

        assertThat(url.path(all(value))).isEqualTo("/contacts(key='" + expected + "')");
        assertThat(url.query(all(value))).isEqualTo("$filter=a%20eq%20'" + expected + "'");
        assertThat(UrlTemplate.parse("/contacts/{key}", KNOWN).path(all("O'Hara")))
                .isEqualTo("/contacts/O%27Hara");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", ".", "..", "a/../b", "../b", "a/..", "a\\..\\b"})
    void what_would_make_a_path_another_one_is_not_put_into_it(String value) {
        assertThat(UrlTemplate.parse("/a/{key}", KNOWN).lacking(all(value))).isEqualTo("key");
        assertThat(UrlTemplate.parse("/a?b={email}", KNOWN).lacking(all(value)))
                .isEqualTo(value.isBlank() ? "email" : null);
    }

    @ParameterizedTest
    @CsvSource({
        "a/b, begin with one slash",
        "//evil.test/a, begin with one slash",
        "https://evil.test/, begin with one slash",
        "/a/../b, begin with one slash",
        "/a#b, begin with one slash",
        "/a b, must be percent-encoded",
        "/a/{b}, '{b} cannot stand here, only {email}, {key}'",
        "/a/{b1}, must be percent-encoded",
    })
    void a_url_that_cannot_be_is_refused(String url, String message) {
        assertThatThrownBy(() -> UrlTemplate.parse(url, KNOWN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\"b", "a\\", "\",\"x\":\"", "{record}", "{key}", "a\r\nb", "\u2028", "\u0000", "ü", "}{"})
    void in_json_it_is_a_text(String value) {
        JsonTemplate template =
                JsonTemplate.parse("{\"a\": [\"-{key}-\", 1, null], \"r\": \"{record}\"}", KNOWN, JsonTemplate.RECORD);
        JsonNode filled =
                template.fill(all(value), JsonNodeFactory.instance.objectNode().put("x", value));

        assertThat(CrmJson.read(new String(CrmJson.bytes(filled), StandardCharsets.UTF_8)))
                .isEqualTo(filled);
        assertThat(filled.at("/a/0").textValue()).isEqualTo("-" + value + "-");
        assertThat(filled.at("/r/x").textValue()).isEqualTo(value);
        assertThat(filled).hasSize(2);
    }

    @Test
    void a_number_stands_without_quotes_and_what_is_none_does_not() {
        JsonTemplate template = JsonTemplate.parse("[\"{key:number}\"]", KNOWN, null);
        assertThat(template.fill(all("-42"), NONE)).hasToString("[-42]");
        assertThat(template.fill(all("42,\"admin\":1"), NONE)).hasToString("[\"42,\\\"admin\\\":1\"]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "POST /a {             | the body is not JSON",
                "POST /a {} {}         | the body is not JSON",
                "POST /a {\"a\": 1}    | the body has no place for what is to be written",
                "POST /a \"{records}\" | {records} cannot stand here",
                "GET /a                | it must be POST, PUT or PATCH",
                "post /a               | it must be a method, a blank and a path",
                "/a                    | it must be a method, a blank and a path",
                "TRACE /a              | it must be a method, a blank and a path",
                "POST /a/{remoteId}    | {remoteId} cannot stand here",
            })
    void a_call_that_cannot_be_is_refused(String line, String message) {
        assertThatThrownBy(() -> RequestTemplate.writing(line))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void a_batch_has_no_contact_in_its_url() {
        assertThatThrownBy(() -> RequestTemplate.writingMany("POST /a/{key}"))
                .hasMessageContaining("{key} cannot stand here, nor any other placeholder");
        assertThatThrownBy(() -> RequestTemplate.finding("GET /a?b={key} {}"))
                .hasMessageContaining("GET takes no body");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\r\nX-Evil: yes", "a\"b", "ü", "a,b", "a;b", "\u0000", " a ", "\n"})
    void in_a_header_it_stays_within_it(String value) {
        HeaderTemplates headers = HeaderTemplates.parse("If-Match: \"{key}\" | Prefer: return=minimal", true);
        Map<String, String> filled = headers.fill(all(value));

        assertThat(filled.get("If-Match")).matches("\"[A-Za-z0-9%._~-]+\"");
        assertThat(filled).hasSize(2).containsEntry("Prefer", "return=minimal");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Authorization: x",
                "Host: evil.test",
                "Content-Length: 1",
                "CamelHttpUri: http://evil.test",
                "Transfer-Encoding: chunked",
                "X",
                "X:",
                ": x",
                "X Y: z",
                "X: ü",
                "X: {email}",
                "X: a |"
            })
    void a_header_that_cannot_be_is_refused(String header) {
        assertThatThrownBy(() -> HeaderTemplates.parse(header, true)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_credential_is_one_header_and_keeps_its_secret() {
        assertThat(RestCredential.header("X-Api-Key: {token}", "s3cret"))
                .satisfies(credential -> assertThat(credential.value()).isEqualTo("s3cret"))
                .satisfies(credential -> assertThat(credential.toString()).doesNotContain("s3cret"));
        assertThatThrownBy(() -> RestCredential.header("X-Api-Key: {token}", "s3cret\r\nX: y"))
                .hasMessageContaining("no header can hold")
                .hasMessageNotContaining("s3cret");
        assertThat(RestCredential.basic("Aladdin", "öpen sesame").value())
                .isEqualTo("Basic QWxhZGRpbjrDtnBlbiBzZXNhbWU=");
    }

    private static Mapping mapping(String fields) {
        return mapping(fields, "{}");
    }

    private static Mapping mapping(String fields, String gone) {
        return MappingFile.parse(
                "mapping/rest.yaml", "key: k\ndefault-country: DE\ngone: " + gone + "\nfields:\n" + fields.indent(2));
    }

    private static String record(Mapping mapping, Map<String, String> fields, JsonNode there) {
        return RestRecord.of(null, fields, mapping, NullNode.getInstance(), there::at)
                .toString();
    }

    @Test
    void fields_go_where_their_pointers_say() {
        Mapping mapping = mapping("""
            a.b~c: {from: fax}
            /emails/1/value: {from: emailAddress}
            /emails/0/value: {from: firstName}
            /emails/0/label: {constant: work}
            /emails/1/label: {constant: home}
            /emails/1/primary: {constant: true}
            /tags/0: {constant: 5}
            /x/y: {from: lastName}
            """);
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("a.b~c", "1");
        fields.put("/emails/1/value", "e");
        fields.put("/emails/0/label", "work");
        fields.put("/emails/1/label", "home");
        fields.put("/emails/1/primary", "true");
        fields.put("/tags/0", "5");
        fields.put("/x/y", "");

        assertThat(record(mapping, fields, NONE))
                .as("a label of nothing is not sent")
                .isEqualTo(
                        "{\"a.b~c\":\"1\","
                                + "\"emails\":[{\"value\":\"e\",\"label\":\"home\",\"primary\":true}],\"tags\":[5],\"x\":{\"y\":null}}");
    }

    @Test
    void what_the_crm_has_is_sent_back_where_it_is_to_be_kept() {
        Mapping mapping = mapping("/x/y: {from: lastName}\nz: {from: fax}\n");
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("/x/y", null);
        fields.put("z", null);

        assertThat(record(mapping, fields, CrmJson.read("{\"x\": {\"y\": [1]}}")))
                .isEqualTo("{\"x\":{\"y\":[1]}}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/a: {from: fax}\n/a/b: {from: fax}\n",
                "/a/b: {from: fax}\n/a: {from: fax}\n",
                "/a/0: {from: fax}\n/a/b: {from: fax}\n",
                "/a/1000000000: {from: fax}\n",
                "a: {from: fax}\n/a: {from: fax}\n",
                "/k: {from: fax}\n"
            })
    void names_that_conflict_are_reported(String fields) {
        assertThatThrownBy(() -> RestRecord.check(mapping(fields)))
                .isInstanceOf(MappingException.class)
                .hasMessageContaining("JSON Pointer");
    }

    @Test
    void so_are_those_of_fields_that_say_that_a_contact_is_gone() {
        Mapping clashing = mapping("/emails/0/value: {from: emailAddress}\n", "{/emails: x}");
        assertThatThrownBy(() -> RestRecord.check(clashing))
                .isInstanceOf(MappingException.class)
                .hasMessageContaining("/emails: a name");

        RestRecord.check(mapping("/a/state: {constant: active}\n", "{/a/state: inactive, /a/gone: x}"));
    }

    @Test
    void what_says_that_a_contact_is_gone_is_a_text_only_where_it_is_written_as_one() {
        Mapping mapping =
                mapping("active: {constant: true}\n", "{active: false, /a/level: 5, word: \"false\", gone: yes}");

        assertThat(record(mapping, mapping.gone(), NONE))
                .isEqualTo("{\"active\":false,\"a\":{\"level\":5},\"word\":\"false\",\"gone\":\"yes\"}");
    }

    @Test
    void a_code_wins_over_its_status_and_what_is_not_named_halts() {
        StatusMapping statusMapping = new StatusMapping()
                .with(Meaning.RETRY, "408,5xx")
                .with(Meaning.REJECT, "400, 501")
                .with(Meaning.QUOTA, "LIMIT")
                .with(Meaning.HALT, "-32000");

        assertThat(statusMapping.of(503, null)).isEqualTo(Meaning.RETRY);
        assertThat(statusMapping.of(501, "x")).isEqualTo(Meaning.REJECT);
        assertThat(statusMapping.of(403, "LIMIT")).isEqualTo(Meaning.QUOTA);
        assertThat(statusMapping.of(200, "-32000")).isEqualTo(Meaning.HALT);
        assertThat(statusMapping.of(200, "5xx")).isEqualTo(Meaning.REJECT);
        assertThat(statusMapping.of(404, null)).isEqualTo(Meaning.HALT);
        assertThat(statusMapping.of(302, null)).isEqualTo(Meaning.HALT);
        assertThatThrownBy(() -> statusMapping.with(Meaning.HALT, "400")).hasMessageContaining("400 occurs in two");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/status=success      | {\"status\": \"success\"} | true",
                "/status=ok, success  | {\"status\": \"success\"} | true",
                "/status=success      | {\"status\": \"error\"}   | false",
                "/status=success      | {}                        | false",
                "/success=true        | {\"success\": true}       | true",
                "!/error              | {\"result\": 1}           | true",
                "!/error              | {\"error\": null}         | true",
                "!/error              | {\"error\": false}        | true",
                "!/error              | {\"error\": []}           | true",
                "!/error              | {\"error\": {\"code\": 1}} | false",
                "!/error              | {\"error\": \"no\"}       | false",
            })
    void whether_it_went_well_can_stand_in_the_answer(String condition, String answer, boolean well) {
        assertThat(Condition.parse(condition).holds(CrmJson.read(answer))).isEqualTo(well);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "204               | 204 | {}                                    | true",
                "204               | 200 | {\"type\": \"list\"}                  | false",
                "204,/type=list    | 200 | {\"type\": \"list\"}                  | true",
                "204, /type=list   | 200 | {\"type\": \"list\", \"items\": [1]}  | false",
                "204,/type=list    | 200 | {\"type\": \"error\"}                 | false",
                "204,/type=list    | 500 | {\"type\": \"list\"}                  | false",
                "/type=list,!/more | 200 | {\"type\": \"list\", \"more\": true}  | false"
            })
    void that_there_is_no_record_can_be_said_by_a_status_or_by_a_list_that_is_left_out(
            String setting, int status, String answer, boolean none) {
        CrmResponse response =
                new CrmResponse(status, Map.of(), null, null, null, answer.getBytes(StandardCharsets.UTF_8), null);

        assertThat(FoundNone.parse(setting).isSaidBy(response, JsonPointer.compile("/items")))
                .isEqualTo(none);
    }

    /** An ingress that knows no such path said so, and each contact was created once more. */
    @Test
    void the_page_of_a_proxy_is_no_answer_that_there_is_no_record() {
        CrmResponse page = new CrmResponse(
                404,
                Map.of(),
                null,
                null,
                null,
                "default backend - 404".getBytes(StandardCharsets.UTF_8),
                "text/plain");

        assertThat(FoundNone.parse("204,404").isSaidBy(page, JsonPointer.compile("/items")))
                .isFalse();
    }
}
