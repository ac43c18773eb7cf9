package de.contactsync.crm.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import de.contactsync.crm.rest.RestCrmServer.Api;
import de.contactsync.crm.rest.RestCrmServer.Call;
import de.contactsync.crm.rest.RestCrmServer.Reply;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The manners of the CRMs that differ most, each as strict as its documentation. */
public final class RestApiFixture {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private RestApiFixture() {}

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    /** As Zoho CRM: many at once, each with a result of its own in the order they came. */
    public static final class Zoho extends Api {

        private static final int MOST = 100;

        /** Whether a call is refused as a whole when one of its records is. */
        public boolean allOrNothing;

        @Override
        Map.Entry<String, String> credential() {
            return Map.entry("authorization", "Zoho-oauthtoken " + RestCrmServer.TOKEN);
        }

        @Override
        Reply answer(Call call) {
            JsonNode data = call.body() == null ? null : call.body().get("data");
            if (call.method().matches("GET|DELETE")) {
                return ofOne(call);
            }
            if (!call.path().equals("/crm/v8/Contacts/upsert") || !call.method().equals("POST")) {
                return Reply.of(404, "{\"code\": \"INVALID_URL_PATTERN\", \"message\": \"no such URL\"}");
            }
            if (data == null
                    || !data.isArray()
                    || data.size() > MOST
                    || !"JTL_Contact_Id"
                            .equals(call.body()
                                    .path("duplicate_check_fields")
                                    .path(0)
                                    .asText())) {
                return Reply.of(400, "{\"code\": \"INVALID_DATA\", \"message\": \"body\"}");
            }
            List<ObjectNode> results = new ArrayList<>();
            boolean bad = false;
            for (JsonNode record : data) {
                bad |= record.path("Last_Name").asText("").isEmpty();
            }
            if (bad && allOrNothing) {
                return Reply.of(400, "{\"code\": \"MANDATORY_NOT_FOUND\", \"message\": \"required field not found\"}");
            }
            for (JsonNode record : data) {
                results.add(result(record));
            }
            ObjectNode body = JSON.objectNode();
            body.putArray("data").addAll(results);
            return new Reply(bad ? 207 : 200, Map.of(), body);
        }

        /** There is nothing to be said of one that is not there. */
        private Reply ofOne(Call call) {
            String id = call.path().replaceFirst("^/crm/v8/Contacts/", "");
            if (!records.containsKey(id)) {
                return call.method().equals("GET")
                        ? Reply.of(204, null)
                        : Reply.of(400, "{\"code\": \"INVALID_DATA\"}");
            }
            ObjectNode one = call.method().equals("GET")
                    ? StoreApi.only(
                                    records.get(id).deepCopy(),
                                    List.of(call.query()
                                            .replaceFirst("^fields=", "")
                                            .split(",")))
                            .put("id", id)
                    : JSON.objectNode().put("code", "SUCCESS").put("status", "success");
            if (call.method().equals("DELETE")) {
                records.remove(id);
            }
            ObjectNode body = JSON.objectNode();
            body.putArray("data").add(one);
            return new Reply(200, Map.of(), body);
        }

        private ObjectNode result(JsonNode record) {
            String name = record.path("Last_Name").asText("");
            if (name.isEmpty()) {
                return JSON.objectNode()
                        .put("code", "MANDATORY_NOT_FOUND")
                        .put("status", "error")
                        .put(
                                "message",
                                "required field not found for "
                                        + record.path("Email").asText());
            }
            String key = record.path("JTL_Contact_Id").asText();
            String known = records.entrySet().stream()
                    .filter(entry ->
                            entry.getValue().path("JTL_Contact_Id").asText().equals(key))
                    .map(Map.Entry::getKey)
                    .findFirst()
                    .orElse(null);
            ObjectNode result = JSON.objectNode()
                    .put("code", "SUCCESS")
                    .put("status", "success")
                    .put("action", known == null ? "insert" : "update");
            result.putObject("details").put("id", put(known, record));
            return result;
        }
    }

    /** As Dataverse: one at a time, by an alternate key in the URL; nothing is said of what was done. */
    public static final class Dataverse extends Api {

        private static final Pattern PATH =
                Pattern.compile("/api/data/v9\\.2/contacts\\(jtl_contactid='((?:[^']|'')*)'\\)");

        @Override
        Map.Entry<String, String> credential() {
            return Map.entry("authorization", "Bearer " + RestCrmServer.TOKEN);
        }

        @Override
        Reply answer(Call call) {
            if (call.path().equals("/api/data/v9.2/WhoAmI")) {
                return Reply.of(200, "{\"UserId\": \"0d9f4f3e-7c1b-4a58-9e36-52c1a8b7d604\"}");
            }
            Matcher path = PATH.matcher(decoded(call.path()));
            if (!path.matches()
                    || !call.method().matches("PATCH|DELETE")
                    || !"4.0".equals(call.headers().get("odata-version"))) {
                return Reply.of(404, "{\"error\": {\"code\": \"0x80060888\", \"message\": \"Resource not found\"}}");
            }
            String key = path.group(1).replace("''", "'");
            if (call.method().equals("DELETE")) {
                return records.remove(key) == null ? Reply.of(404, null) : Reply.of(204, null);
            }
            if (call.body().has("jtl_contactid")
                    || call.body().path("lastname").asText("x").length() > 50) {
                return Reply.of(
                        400,
                        "{\"error\": {\"code\": \"0x80044331\", \"message\": \"A validation error occurred."
                                + " The length of the 'lastname' attribute of the contact "
                                + call.body().path("emailaddress1").asText()
                                + " exceeded the maximum allowed length\"}}");
            }
            ObjectNode merged = records.containsKey(key) ? records.get(key).deepCopy() : JSON.objectNode();
            merged.setAll((ObjectNode) call.body());
            put(key, merged);
            return Reply.of(204, null);
        }
    }

    /** As Pipedrive: neither upsert nor batch, a search by a field of one's own, which need not be unique. */
    public static final class Pipedrive extends Api {

        public static final String FIELD = "0123456789abcdef0123456789abcdef01234567";

        private static final Pattern SEARCH = Pattern.compile("term=([^&]*)&fields=custom_fields&exact_match=true");

        @Override
        Map.Entry<String, String> credential() {
            return Map.entry("x-api-token", RestCrmServer.TOKEN);
        }

        @Override
        Reply answer(Call call) {
            String id = call.path().replaceFirst("^/api/v2/persons/?", "");
            return switch (call.method()) {
                case "GET" ->
                    id.equals("search")
                            ? search(call.query())
                            : records.containsKey(id)
                                    ? read(records.get(id))
                                    : Reply.of(404, "{\"success\": false, \"error\": \"Person not found\"}");
                case "DELETE" -> Reply.of(records.remove(id) == null ? 404 : 200, "{\"success\": true}");
                case "POST" ->
                    id.isEmpty() ? written(201, put(null, call.body())) : Reply.of(404, "{\"success\": false}");
                case "PATCH" ->
                    records.containsKey(id)
                            ? written(200, put(id, merged(records.get(id), call.body())))
                            : Reply.of(404, "{\"success\": false, \"error\": \"Person not found\"}");
                default -> Reply.of(405, null);
            };
        }

        private static JsonNode merged(JsonNode old, JsonNode changes) {
            ObjectNode merged = old.deepCopy();
            return merged.setAll((ObjectNode) changes);
        }

        private static Reply read(JsonNode record) {
            ObjectNode body = JSON.objectNode().put("success", true);
            body.set("data", record);
            return new Reply(200, Map.of(), body);
        }

        private static Reply written(int status, String id) {
            return Reply.of(status, "{\"success\": true, \"data\": {\"id\": " + id + "}}");
        }

        private Reply search(String query) {
            Matcher search = SEARCH.matcher(query == null ? "" : query);
            if (!search.matches() || search.group(1).length() < 2) {
                return Reply.of(400, "{\"success\": false, \"error\": \"Invalid query parameters\"}");
            }
            String term = decoded(search.group(1));
            ObjectNode body = JSON.objectNode().put("success", true);
            ArrayNode items = body.putObject("data").putArray("items");
            records.forEach((id, record) -> {
                if (record.path("custom_fields").path(FIELD).asText().equals(term)) {
                    items.addObject()
                            .put("result_score", 0.3)
                            .putObject("item")
                            .put("id", Integer.parseInt(id))
                            .put("key", term);
                }
            });
            return new Reply(200, Map.of(), body);
        }
    }

    /**
     * As many a server of one's own: {@code GET /contacts?field=value} lists, and what it does not know it ignores;
     * {@code POST}, and {@code PATCH} of what is sent.
     */
    public static final class Plain extends Api {

        /** The fields of a list by e-mail address, which may be fewer than a record has; null for all. */
        public Set<String> listed;

        @Override
        Map.Entry<String, String> credential() {
            return Map.entry("authorization", "Bearer " + RestCrmServer.TOKEN);
        }

        @Override
        Reply answer(Call call) {
            String id = call.path().replaceFirst("^/contacts/?", "");
            if (call.method().equals("POST")) {
                return written(201, put(null, call.body()));
            }
            if (call.method().equals("GET") && id.isEmpty()) {
                return list(call.query().split("=", 2));
            }
            if (!records.containsKey(id)) {
                return Reply.of(404, "{\"error\": \"no such contact\"}");
            }
            if (call.method().equals("GET")) {
                return new Reply(200, Map.of(), records.get(id));
            }
            ObjectNode merged = records.get(id).deepCopy();
            call.body().properties().forEach(field -> {
                if (field.getValue().isNull()) {
                    merged.remove(field.getKey());
                } else {
                    merged.set(field.getKey(), field.getValue());
                }
            });
            return written(200, put(id, merged));
        }

        private static Reply written(int status, String id) {
            return Reply.of(status, "{\"id\": " + id + "}");
        }

        private Reply list(String... filter) {
            ObjectNode body = JSON.objectNode();
            ArrayNode items = body.putArray("items");
            records.forEach((id, record) -> {
                if (!Set.of("email", "jtlContactId").contains(filter[0])
                        || record.path(filter[0]).asText().equalsIgnoreCase(decoded(filter[1]))) {
                    ObjectNode item = record.deepCopy();
                    if (listed != null && filter[0].equals("email")) {
                        item.retain(listed);
                    }
                    items.add(item.put("id", id));
                }
            });
            return new Reply(200, Map.of(), body);
        }
    }

    /** As weclapp in what it makes of a PUT: what is left out is nulled. */
    public static final class Weclapp extends Api {

        @Override
        Map.Entry<String, String> credential() {
            return Map.entry("authenticationtoken", RestCrmServer.TOKEN);
        }

        @Override
        Reply answer(Call call) {
            String path = call.path().replaceFirst("^/webapp/api/v2/party", "");
            if (call.method().equals("GET") && call.query().startsWith("customerNumber-eq=")) {
                String wanted = decoded(call.query().substring("customerNumber-eq=".length()));
                ObjectNode body = JSON.objectNode();
                ArrayNode result = body.putArray("result");
                records.forEach((id, record) -> {
                    if (record.path("customerNumber").asText().equals(wanted)) {
                        result.add(((ObjectNode) record.deepCopy()).put("id", id));
                    }
                });
                return new Reply(200, Map.of(), body);
            }
            String id = path.replaceFirst("^/id/", "");
            boolean known = records.containsKey(id);
            if (call.method().equals("PUT") && !known) {
                return Reply.of(404, "{\"type\": \"/webapp/view/api/errors/not_found\", \"detail\": \"not found\"}");
            }
            return new Reply(
                    known ? 200 : 201, Map.of(), JSON.objectNode().put("id", put(known ? id : null, call.body())));
        }
    }

    /** As servers that speak JSON-RPC: whatever went wrong, the status is 200. */
    public static final class JsonRpc extends Api {

        @Override
        Map.Entry<String, String> credential() {
            return Map.entry("authorization", "Basic dXNlcjpyZXN0LXMzY3IzdC10MGtlbg==");
        }

        @Override
        Reply answer(Call call) {
            JsonNode record = call.body().path("params").path("vals");
            if (record.path("name").asText("").isEmpty()) {
                return error(
                        -32602, "a name is required, " + record.path("email").asText() + " has none");
            }
            String id = call.body().path("params").path("key").asText();
            put(id, record);
            return Reply.of(200, "{\"jsonrpc\": \"2.0\", \"result\": {\"id\": 7}}");
        }

        private static Reply error(int code, String message) {
            ObjectNode body = JSON.objectNode().put("jsonrpc", "2.0");
            body.putObject("error").put("code", code).put("message", message);
            return new Reply(200, Map.of(), body);
        }
    }

    /**
     * As SuiteCRM's API 4.1 ({@code service/v4_1/rest.php} of its source): all is a form with one field of JSON, which
     * holds the session, and errors come with 200. A record that was deleted can be written, and stays deleted.
     */
    public static final class SuiteCrm extends Api {

        private static final String PATH = "/service/v4_1/rest.php";

        private final Set<String> sessions = new HashSet<>();
        private final Set<String> deleted = new HashSet<>();
        public int logins;

        /** As after the time that PHP keeps a session. */
        public void endSessions() {
            sessions.clear();
        }

        public void delete(String id) {
            deleted.add(id);
        }

        @Override
        Map.Entry<String, String> credential() {
            return null;
        }

        @Override
        Reply answer(Call call) {
            JsonNode data =
                    call.body() == null ? JSON.objectNode() : call.body().path("rest_data");
            if (!call.path().equals(PATH)
                    || !call.method().equals("POST")
                    || !data.isObject()
                    || !call.body().path("input_type").asText().equals("JSON")
                    || !call.body().path("response_type").asText().equals("JSON")) {
                return Reply.raw(404, "text/html", "<html>not found</html>");
            }
            String method = call.body().path("method").asText();
            if (method.equals("login")) {
                return login(data.path("user_auth"));
            }
            if (!sessions.contains(data.path("session").asText())) {
                return error("Invalid Session ID", 11, "The session ID is invalid");
            }
            return switch (method) {
                case "get_entry_list" -> list(data.path("query").asText());
                case "get_entry" -> entry(data.path("id").asText());
                case "set_entry" -> set(data.path("name_value_list"));
                default -> error("Invalid Method", 20, "no such method");
            };
        }

        private Reply login(JsonNode auth) {
            if (!auth.path("user_name").asText().equals("anna")
                    || !auth.path("password").asText().equals("s3cr3t")
                    || !auth.path("encryption").asText().equals("PLAIN")) {
                return error("Invalid Login", 10, "Login attempt failed please check the username and password");
            }
            String session = "session" + ++logins;
            sessions.add(session);
            return new Reply(200, Map.of(), JSON.objectNode().put("id", session).put("module_name", "Users"));
        }

        private Reply list(String query) {
            ObjectNode body = JSON.objectNode();
            ArrayNode entries = body.putArray("entry_list");
            records.forEach((id, record) -> {
                String key = record.path("jtl_contact_id_c").asText();
                if (!deleted.contains(id) && query.equals("contacts_cstm.jtl_contact_id_c='" + key + "'")) {
                    entries.add(entryOf(id, key));
                }
            });
            return new Reply(200, Map.of(), body.put("result_count", entries.size()));
        }

        private Reply entry(String id) {
            ObjectNode body = JSON.objectNode();
            ArrayNode entries = body.putArray("entry_list");
            if (records.containsKey(id) && !deleted.contains(id)) {
                entries.add(entryOf(id, records.get(id).path("jtl_contact_id_c").asText()));
            } else {
                ObjectNode entry = entries.addObject().put("id", id);
                entry.putArray("name_value_list")
                        .addObject()
                        .put("name", "warning")
                        .put("value", "deleted");
            }
            return new Reply(200, Map.of(), body);
        }

        private static ObjectNode entryOf(String id, String key) {
            ObjectNode entry = JSON.objectNode().put("id", id);
            entry.putObject("name_value_list")
                    .putObject("jtl_contact_id_c")
                    .put("name", "jtl_contact_id_c")
                    .put("value", key);
            return entry;
        }

        private Reply set(JsonNode values) {
            ObjectNode record = values.deepCopy();
            String id = record.path("id").asText(null);
            record.remove("id");
            return new Reply(200, Map.of(), JSON.objectNode().put("id", put(id, record)));
        }

        private static Reply error(String name, int number, String description) {
            return new Reply(
                    200,
                    Map.of(),
                    JSON.objectNode().put("name", name).put("number", number).put("description", description));
        }
    }
}
