package de.contactsync.crm.rest;

import com.fasterxml.jackson.databind.JsonNode;
import de.contactsync.crm.CrmRequest;
import de.contactsync.crm.mapping.FieldSource;
import de.contactsync.crm.mapping.Template;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** One line that says what is called and with what: {@code PATCH /api/contacts/{key} {"contact": "{record}"}}. */
public final class RequestTemplate {

    private static final Pattern LINE = Pattern.compile("([A-Z]+)\\s+(\\S+)(?:\\s+(.+))?", Pattern.DOTALL);
    private static final Set<String> BODILESS = Set.of("GET", "DELETE");
    private static final Set<String> METHODS = Set.of("GET", "DELETE", "POST", "PUT", "PATCH");

    private final String method;
    private final UrlTemplate url;
    /** Null when there is no body. */
    private final JsonTemplate body;

    private final boolean writes;
    private final boolean changes;

    private RequestTemplate(String method, UrlTemplate url, JsonTemplate body, boolean writes, boolean changes) {
        this.writes = writes;
        this.changes = changes;
        this.method = method;
        this.url = url;
        this.body = body;
    }

    /** That looks for the record of a contact. */
    public static RequestTemplate finding(String line) {
        return parse(line, RestPlaceholders.CONTACT, null);
    }

    /** That looks for the records with the e-mail address of a contact. */
    public static RequestTemplate findingByEmail(String line) {
        RequestTemplate template = finding(line);
        String email = FieldSource.EMAIL_ADDRESS.toString();
        if (!template.url.names().contains(email) && (template.body == null || !template.body.needs(email + "}"))) {
            throw new IllegalArgumentException(
                    "{" + email + "} must be in it, such as GET /api/contacts?email={" + email + "}");
        }
        return template;
    }

    /** That writes a record, which is the body if none is given. */
    public static RequestTemplate writing(String line) {
        return parse(line, RestPlaceholders.CONTACT, JsonTemplate.RECORD);
    }

    /** That writes into a record that is known. */
    public static RequestTemplate updating(String line) {
        return parse(line, RestPlaceholders.FOUND_RECORD, JsonTemplate.RECORD);
    }

    /** That writes many records, which are the body if none is given. */
    public static RequestTemplate writingMany(String line) {
        return parse(line, Set.of(), JsonTemplate.RECORDS);
    }

    /** That signs in and answers with a session. */
    public static RequestTemplate signingIn(String line) {
        RequestTemplate template = parse(line, Set.of(), null);
        if (!template.method.equals("POST") || template.body == null) {
            throw new IllegalArgumentException(
                    "it must be a POST with a body, such as POST /login {\"password\": \"{password}\"}");
        }
        return template;
    }

    /** Path and query, of a call without placeholders in them. */
    public String address() {
        String query = url.query(name -> null);
        return url.path(name -> null) + (query == null ? "" : "?" + query);
    }

    /** The body with the settings that we sign in with, by the names of placeholders. */
    public String body(UnaryOperator<String> secrets, BodyFormat format) {
        return new String(format.bytes(body.fill(secrets, null)), StandardCharsets.UTF_8);
    }

    /** Whether its body, if it has one, can have this format. */
    public boolean fits(BodyFormat format) {
        return format != BodyFormat.FORM || body == null || body.isObject();
    }

    public static RequestTemplate deleting(String line) {
        RequestTemplate template = parse(line, RestPlaceholders.FOUND_GONE, null);
        return new RequestTemplate(template.method, template.url, template.body, false, true);
    }

    /**
     * Of a step that follows what was written.
     *
     * @param known  placeholders
     * @param record whether it holds the fields of the step, as what is written if no body is given
     * @param changes whether it makes a record, or changes one
     */
    static RequestTemplate ofStep(String line, Set<String> known, boolean record, boolean changes) {
        RequestTemplate template = parse(line, known, record ? JsonTemplate.RECORD : null);
        return new RequestTemplate(template.method, template.url, template.body, changes && record, changes);
    }

    /** Whether a placeholder of this name stands in it. */
    boolean needs(String name) {
        return url.names().contains(name) || body != null && body.names().contains(name);
    }

    /** That reads a record that is known. */
    public static RequestTemplate reading(String line) {
        return parse(line, RestPlaceholders.GONE, null);
    }

    /** That is about no contact. */
    public static RequestTemplate checking(String line) {
        return parse(line, Set.of(), null);
    }

    private static RequestTemplate parse(String line, Set<String> known, String records) {
        Matcher parts = LINE.matcher(line.strip());
        if (!parts.matches() || !METHODS.contains(parts.group(1))) {
            throw new IllegalArgumentException("it must be a method, a blank and a path, such as POST /api/contacts");
        }
        String method = parts.group(1);
        String body = parts.group(3) == null && records != null ? '"' + records + '"' : parts.group(3);
        if (BODILESS.contains(method) && records != null) {
            throw new IllegalArgumentException("it must be POST, PUT or PATCH to take what is to be written");
        }
        if (body != null && BODILESS.contains(method)) {
            throw new IllegalArgumentException(method + " takes no body");
        }
        return new RequestTemplate(
                method,
                UrlTemplate.parse(parts.group(2), known),
                body == null ? null : JsonTemplate.parse(body, RestPlaceholders.withSecrets(known), records),
                records != null,
                records != null);
    }

    /** Whether it creates or updates records. */
    boolean writes() {
        return writes;
    }

    /** Whether it creates, updates or deletes records. */
    boolean changes() {
        return changes;
    }

    /** Whether the URL says of which record the call is, so that a 404 means that there is none. */
    boolean namesRecord() {
        return url.names().stream().anyMatch(RestPlaceholders.RECORDS::contains);
    }

    /** Whether what this stands for is in the URL. */
    boolean namesInUrl(String placeholder) {
        return url.names().contains(placeholder);
    }

    /** As {@link #namesRecord}, also where only the body says so, as with JSON-RPC. */
    boolean isAboutRecord() {
        return namesRecord()
                || body != null && RestPlaceholders.RECORDS.stream().anyMatch(body::needs);
    }

    /** The id that stands in the path of such a call; null when it is the path of another. */
    String remoteIdIn(String path, UnaryOperator<String> values) {
        return url.valueIn(path, RestPlaceholders.REMOTE_ID, values);
    }

    /** Of the URL, as it was written. */
    String path() {
        return url.path();
    }

    /** As {@link UrlTemplate#lacking}. */
    String lacking(UnaryOperator<String> values) {
        return url.lacking(values);
    }

    /** Whether it repeats something of the record as the CRM has it. */
    boolean needsFound() {
        return !found().isEmpty();
    }

    /** Null when the record shows all that is repeated of it; else the name of a placeholder. */
    String unshown(JsonNode record) {
        return found().stream()
                .filter(name -> RestPlaceholders.found(name, record) == null)
                .findFirst()
                .orElse(null);
    }

    private Set<String> found() {
        Set<String> names = new TreeSet<>(url.names());
        if (body != null) {
            names.addAll(body.names());
        }
        names.removeIf(name -> !name.startsWith(Template.FOUND_AT));
        return names;
    }

    /** Which of the settings that we sign in with stand in the body, as {@link RestPlaceholders#SECRETS} has them. */
    public Set<String> secrets() {
        return body == null
                ? Set.of()
                : RestPlaceholders.SECRETS.stream()
                        .filter(name -> body.needs(name + "}"))
                        .collect(Collectors.toSet());
    }

    public boolean needsRemoteId() {
        return url.names().contains(RestPlaceholders.REMOTE_ID)
                || body != null && body.needs(RestPlaceholders.REMOTE_ID);
    }

    /**
     * @param records    what is written, or null
     * @param headers    as they are to be sent
     * @param format     of the body
     * @param repeatable whether it does no harm when the server does it twice
     */
    CrmRequest fill(
            UnaryOperator<String> values,
            JsonNode records,
            Map<String, String> headers,
            BodyFormat format,
            boolean repeatable) {
        boolean isSigned = secrets().contains(RestPlaceholders.TOKEN) && values.apply(RestPlaceholders.TOKEN) == null;
        return new CrmRequest(
                method,
                url.path(values),
                url.query(values),
                headers,
                body == null || isSigned ? null : format.bytes(body.fill(values, records)),
                isSigned ? token -> format.bytes(body.fill(signed(values, token), records)) : null,
                repeatable);
    }

    private static UnaryOperator<String> signed(UnaryOperator<String> values, String token) {
        return name -> name.equals(RestPlaceholders.TOKEN) ? token : values.apply(name);
    }

    /** All that is fixed in it, with the placeholders as they were written; a body may hold what is not for people. */
    String fixed() {
        return this + (body == null ? "" : " " + body);
    }

    /** For people; no contact is in it. */
    @Override
    public String toString() {
        return method + " " + url;
    }
}
