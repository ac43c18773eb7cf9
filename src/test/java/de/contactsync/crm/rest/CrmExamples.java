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
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Doubles of the CRMs that {@code examples/crm-rest} has settings for, each as its public documentation describes it. */
public final class CrmExamples {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private CrmExamples() {}

    /** What they have in common: records that are made, changed, deleted and found by the value of a field. */
    private abstract static class Store extends Api {

        private final Map.Entry<String, String> credential;

        Store(String header, String value) {
            this.credential = Map.entry(header, value);
        }

        @Override
        final Map.Entry<String, String> credential() {
            return credential;
        }

        final String create(JsonNode record) {
            return put(null, record.deepCopy());
        }

        /** Fields that are objects are merged, arrays are replaced. */
        final void update(String id, JsonNode changes) {
            ObjectNode record = records.get(id).deepCopy();
            merge(record, changes);
            put(id, record);
        }

        private static void merge(ObjectNode record, JsonNode changes) {
            changes.properties().forEach(change -> {
                if (change.getValue().isObject() && record.get(change.getKey()) instanceof ObjectNode there) {
                    merge(there, change.getValue());
                } else {
                    record.set(change.getKey(), change.getValue());
                }
            });
        }

        final ObjectNode record(String id) {
            return ((ObjectNode) records.get(id).deepCopy()).put("id", id);
        }

        final ArrayNode find(Predicate<JsonNode> filter) {
            ArrayNode found = JSON.arrayNode();
            records.forEach((id, record) -> {
                if (filter.test(record)) {
                    found.add(record(id));
                }
            });
            return found;
        }

        static Reply ok(JsonNode body) {
            return new Reply(200, Map.of(), body);
        }

        static String decoded(String text) {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        }

        static ObjectNode in(String name, JsonNode value) {
            ObjectNode body = JSON.objectNode();
            body.set(name, value);
            return body;
        }
    }

    /** docs.directus.io, API Reference, Items: what is not there, or not to be seen, is forbidden. */
    public static final class Directus extends Store {

        public Directus() {
            super("authorization", "Bearer " + RestCrmServer.TOKEN);
        }

        @Override
        Reply answer(Call call) {
            String id = call.path().replaceFirst("^/items/contacts/?", "");
            if (call.method().equals("POST")) {
                if (!find(same(call.body().path("jtl_contact_id").asText())).isEmpty()) {
                    return error(400, "RECORD_NOT_UNIQUE");
                }
                return ok(in("data", record(create(call.body()))));
            }
            if (id.isEmpty()) {
                String filter = "filter[jtl_contact_id][_eq]=";
                String query = decoded(call.query());
                return query.startsWith(filter) && query.endsWith("&fields=id,jtl_contact_id")
                        ? ok(in("data", find(same(query.substring(filter.length(), query.indexOf('&'))))))
                        : error(400, "INVALID_QUERY");
            }
            if (!records.containsKey(id)) {
                return error(403, "FORBIDDEN");
            }
            switch (call.method()) {
                case "PATCH" -> update(id, call.body());
                case "DELETE" -> {
                    remove(id);
                    return Reply.of(204, null);
                }
                default -> {}
            }
            return ok(in("data", record(id)));
        }

        private static Predicate<JsonNode> same(String key) {
            return record -> record.path("jtl_contact_id").asText().equals(key);
        }

        private static Reply error(int status, String code) {
            return Reply.of(
                    status, "{\"errors\": [{\"message\": \"no\", \"extensions\": {\"code\": \"" + code + "\"}}]}");
        }
    }

    /** docs.espocrm.com, API, CRUD operations. An answer to what went wrong has no body. */
    public static final class EspoCrm extends Store {

        public EspoCrm() {
            super("x-api-key", RestCrmServer.TOKEN);
        }

        /** Ids of accounts by {@code cJtlCustomerId}. */
        public final Map<String, String> accounts = new HashMap<>();

        @Override
        Reply answer(Call call) {
            if (call.path().equals("/api/v1/Account")) {
                String filter = "where[0][type]=equals&where[0][attribute]=cJtlCustomerId&where[0][value]=";
                String account = accounts.get(
                        decoded(call.query()).substring(filter.length()).replaceFirst("&.*", ""));
                ArrayNode list = JSON.arrayNode();
                if (account != null) {
                    list.addObject().put("id", account);
                }
                return ok(in("list", list).put("total", list.size()));
            }
            String id = call.path().replaceFirst("^/api/v1/Contact/?", "");
            if (call.method().equals("POST")) {
                return call.body().path("lastName").asText().isEmpty()
                        ? Reply.of(400, null)
                        : ok(record(create(call.body())));
            }
            if (id.isEmpty()) {
                String filter = "where[0][type]=equals&where[0][attribute]=cJtlContactId&where[0][value]=";
                String query = decoded(call.query());
                if (!query.startsWith(filter)) {
                    return Reply.of(400, null);
                }
                String key = query.substring(filter.length()).replaceFirst("&.*", "");
                ArrayNode list =
                        find(record -> record.path("cJtlContactId").asText().equals(key));
                return ok(in("list", list).put("total", list.size()));
            }
            if (!records.containsKey(id)) {
                return Reply.of(404, null);
            }
            switch (call.method()) {
                case "PUT" -> update(id, call.body());
                case "DELETE" -> {
                    remove(id);
                    return Reply.of(200, "true");
                }
                default -> {}
            }
            return ok(record(id));
        }
    }

    /** docs.twenty.com, APIs: what is answered is named after the call. */
    public static final class Twenty extends Store {

        public Twenty() {
            super("authorization", "Bearer " + RestCrmServer.TOKEN);
        }

        @Override
        Reply answer(Call call) {
            String id = call.path().replaceFirst("^/rest/people/?", "");
            if (call.method().equals("POST")) {
                return new Reply(201, Map.of(), in("data", in("createPerson", record(create(call.body())))));
            }
            if (id.isEmpty()) {
                String filter = "filter=jtlContactId[eq]:";
                String query = decoded(call.query());
                if (!query.startsWith(filter)) {
                    return error("field is not valid");
                }
                String key = query.substring(filter.length()).replaceFirst("&.*", "");
                return ok(in(
                        "data",
                        in(
                                "people",
                                find(record ->
                                        record.path("jtlContactId").asText().equals(key)))));
            }
            if (!records.containsKey(id)) {
                return error("Record not found");
            }
            ObjectNode record = record(id);
            return switch (call.method()) {
                case "PATCH" -> {
                    update(id, call.body());
                    yield ok(in("data", in("updatePerson", record(id))));
                }
                case "DELETE" -> {
                    remove(id);
                    yield ok(in("data", in("deletePerson", record)));
                }
                default -> ok(in("data", in("person", record)));
            };
        }

        private static Reply error(String message) {
            return Reply.of(
                    400,
                    "{\"statusCode\": 400, \"error\": \"BadRequestException\", \"messages\": [\"" + message + "\"]}");
        }
    }

    /**
     * weclapp.com/api2: a filter that is not known is ignored, what a PUT leaves out is nulled without
     * {@code ignoreMissingProperties}, and an older version is refused.
     */
    public static final class Weclapp extends Store {

        private static final String PARTIES = "/webapp/api/v2/party";

        public Weclapp() {
            super("authenticationtoken", RestCrmServer.TOKEN);
        }

        @Override
        Reply answer(Call call) {
            String id = call.path().replaceFirst("^" + PARTIES + "(/id/)?", "");
            if (call.method().equals("POST")) {
                if (!call.body().path("partyType").asText().matches("PERSON|ORGANIZATION")) {
                    return error(400, "validation");
                }
                String created = create(((ObjectNode) call.body()).put("version", "0"));
                return new Reply(201, Map.of(), record(created));
            }
            if (id.isEmpty()) {
                return ok(in("result", find(filter(call.query()))));
            }
            if (!records.containsKey(id)) {
                return error(404, "not_found");
            }
            switch (call.method()) {
                case "PUT" -> {
                    String version = records.get(id).path("version").asText();
                    if (!call.body().path("version").asText(version).equals(version)) {
                        return error(409, "optimistic_lock");
                    }
                    ObjectNode changes =
                            ((ObjectNode) call.body()).put("version", Integer.toString(Integer.parseInt(version) + 1));
                    if ("ignoreMissingProperties=true".equals(call.query())) {
                        update(id, changes);
                    } else {
                        put(id, changes);
                    }
                }
                case "DELETE" -> {
                    remove(id);
                    return Reply.of(204, null);
                }
                default -> {}
            }
            return ok(record(id));
        }

        private static Predicate<JsonNode> filter(String query) {
            String filter = "customAttribute4711-eq=";
            if (!query.startsWith(filter)) {
                return record -> true;
            }
            String key = decoded(query.substring(filter.length()).replaceFirst("&.*", ""));
            return record -> record.at("/customAttributes/0/attributeDefinitionId")
                            .asText()
                            .equals("4711")
                    && record.at("/customAttributes/0/stringValue").asText().equals(key);
        }

        private static Reply error(int status, String type) {
            return Reply.of(
                    status, "{\"type\": \"/webapp/view/api/errors/" + type + "\", \"title\": \"" + type + "\"}");
        }
    }

    /** Odoo 19, External JSON-2 API: methods of a model, and errors that are named after an exception. */
    public static final class Odoo extends Store {

        public Odoo() {
            super("authorization", "Bearer " + RestCrmServer.TOKEN);
        }

        @Override
        Reply answer(Call call) {
            JsonNode body = call.body();
            switch (call.path().replaceFirst("^/json/2/res\\.partner/", "")) {
                case "search_read" -> {
                    String key = body.at("/domain/0/2").asText();
                    return body.at("/domain/0").toString().equals("[\"ref\",\"=\",\"" + key + "\"]")
                            ? ok(find(record -> record.path("ref").asText().equals(key)))
                            : error(422, "builtins.ValueError");
                }
                case "create" -> {
                    ArrayNode ids = JSON.arrayNode();
                    body.path("vals_list").forEach(record -> ids.add(Integer.parseInt(create(record))));
                    return ok(ids);
                }
                default -> {}
            }
            ArrayNode read = JSON.arrayNode();
            for (JsonNode id : body.path("ids")) {
                if (!id.isInt() || !records.containsKey(id.asText())) {
                    return error(404, "odoo.exceptions.MissingError");
                }
                switch (call.path().replaceFirst("^/json/2/res\\.partner/", "")) {
                    case "write" -> update(id.asText(), body.path("vals"));
                    case "unlink" -> remove(id.asText());
                    case "read" -> read.add(record(id.asText()));
                    default -> {
                        return error(404, "werkzeug.exceptions.NotFound");
                    }
                }
            }
            return ok(read.isEmpty() ? JSON.booleanNode(true) : read);
        }

        private static Reply error(int status, String name) {
            return Reply.of(
                    status, "{\"name\": \"" + name + "\", \"message\": \"no\", \"arguments\": [], \"debug\": \"\"}");
        }
    }

    /** Odoo 18, External API, JSON-RPC: one URL, the password in each call, and errors with status 200. */
    public static final class OdooJsonRpc extends Api {

        private final Odoo models = new Odoo();

        @Override
        Map.Entry<String, String> credential() {
            return null;
        }

        @Override
        Reply answer(Call call) {
            JsonNode args = call.body().at("/params/args");
            if (!call.path().equals("/jsonrpc")
                    || !args.path(0).asText().equals("DATABASE")
                    || args.path(1).asInt() != 2
                    || !args.path(2).asText().equals("s3cr3t")
                    || !args.path(3).asText().equals("res.partner")) {
                return error("odoo.exceptions.AccessDenied");
            }
            String method = args.path(4).asText();
            JsonNode given = args.path(5);
            models.records.clear();
            models.records.putAll(records);
            ObjectNode body = JSON.objectNode();
            switch (method) {
                case "search_read" -> body.set("domain", given.path(0));
                case "create" -> {
                    String id = put(null, given.path(0));
                    return result(JSON.numberNode(Integer.parseInt(id)));
                }
                default -> {
                    body.set("ids", given.path(0));
                    body.set("vals", given.path(1));
                }
            }
            Reply reply = models.answer(new Call("POST", "/json/2/res.partner/" + method, null, Map.of(), body));
            records.clear();
            records.putAll(models.records);
            return reply.status() == 200
                    ? result(reply.body())
                    : error(reply.body().path("name").asText());
        }

        private static Reply result(JsonNode result) {
            return Store.ok(Store.in("result", result).put("jsonrpc", "2.0"));
        }

        private static Reply error(String name) {
            return Reply.of(
                    200,
                    "{\"jsonrpc\": \"2.0\", \"error\": {\"code\": 200, \"message\": \"Odoo Server Error\", \"data\":"
                            + " {\"name\": \"" + name + "\", \"message\": \"no\"}}}");
        }
    }

    /** docs.suitecrm.com, JSON API: as jsonapi.org has it, with 400 for a record that is not there. */
    public static final class SuiteCrmV8 extends Store {

        private static final String MODULE = "/Api/V8/module";

        public SuiteCrmV8() {
            super("authorization", "Bearer " + RestCrmServer.TOKEN);
        }

        @Override
        Reply answer(Call call) {
            if (call.path().equals(MODULE)) {
                JsonNode data = call.body().path("data");
                String id = data.path("id").asText();
                if (!data.path("type").asText().equals("Contacts")
                        || !call.headers().get("content-type").startsWith("application/vnd.api+json")) {
                    return error("Unable to find module");
                }
                if (call.method().equals("POST")) {
                    return new Reply(201, Map.of(), in("data", one(create(data.path("attributes")))));
                }
                if (!records.containsKey(id)) {
                    return error("Record with id " + id + " is not found");
                }
                update(id, data.path("attributes"));
                return ok(in("data", one(id)));
            }
            String id = call.path().replaceFirst("^" + MODULE + "/Contacts/?", "");
            if (id.isEmpty()) {
                String filter = "filter[jtl_contact_id_c][eq]=";
                String key = decoded(call.query()).replaceFirst("^.*" + Pattern.quote(filter), "");
                ArrayNode data = JSON.arrayNode();
                records.forEach((each, record) -> {
                    if (record.path("jtl_contact_id_c").asText().equals(key)) {
                        data.add(one(each));
                    }
                });
                return ok(in("data", data));
            }
            if (!records.containsKey(id)) {
                return error("Record with id " + id + " is not found");
            }
            if (call.method().equals("DELETE")) {
                remove(id);
                return Reply.of(200, "{\"meta\": {\"message\": \"Record with id " + id + " is deleted\"}}");
            }
            return ok(in("data", one(id)));
        }

        private ObjectNode one(String id) {
            ObjectNode one = JSON.objectNode().put("type", "Contact").put("id", id);
            one.set("attributes", records.get(id));
            return one;
        }

        private static Reply error(String detail) {
            return Reply.of(400, "{\"errors\": {\"status\": 400, \"title\": null, \"detail\": \"" + detail + "\"}}");
        }
    }

    /**
     * docs.tryton.org, Remote Procedure Call, and the module party: identifiers and ways to reach a party are records of
     * their own, made by commands, which make them once more when they are repeated.
     */
    public static final class Tryton extends Store {

        /** Ways to reach parties, by their ids. */
        public final Map<String, ObjectNode> mechanisms = new LinkedHashMap<>();

        /** Whether the connection is closed after one was made. */
        public boolean losesAnswers;

        private int last;

        public Tryton() {
            super("authorization", "Basic YW5uYTpzM2NyM3Q=");
        }

        @Override
        Reply answer(Call call) {
            JsonNode params = call.body().path("params");
            String method = call.body().path("method").asText();
            if (!call.path().equals("/DATABASE/")) {
                return Reply.raw(404, "text/html", "<html>not found</html>");
            }
            boolean party = method.startsWith("model.party.party.");
            return switch (method.replaceFirst("^model\\.party\\.(party|contact_mechanism)\\.", "")) {
                case "search_read" -> ok(in("result", party ? parties(params.path(0)) : mechanisms(params.path(0))));
                case "create" -> {
                    ArrayNode ids = JSON.arrayNode();
                    for (JsonNode record : params.path(0)) {
                        ids.add(Integer.parseInt(party ? createParty(record) : createMechanism(record)));
                    }
                    yield losesAnswers && !party ? Reply.none() : ok(in("result", ids));
                }
                case "write" -> change(party, params.path(0).path(0).asText(), params.path(1));
                case "delete" -> change(party, params.path(0).path(0).asText(), null);
                default -> error("method is not known");
            };
        }

        private String createParty(JsonNode given) {
            ObjectNode party = given.deepCopy();
            party.put("key", party.at("/identifiers/0/1/0/code").asText()).remove("identifiers");
            return create(party);
        }

        private String createMechanism(JsonNode given) {
            String id = Integer.toString(++last);
            mechanisms.put(id, given.deepCopy());
            return id;
        }

        private ArrayNode parties(JsonNode domain) {
            String key = domain.at("/0/2").asText();
            return domain.at("/0/0").asText().equals("identifiers.code")
                    ? find(record -> record.path("key").asText().equals(key))
                    : find(record -> true);
        }

        private ArrayNode mechanisms(JsonNode domain) {
            ArrayNode found = JSON.arrayNode();
            mechanisms.forEach((id, mechanism) -> {
                if (mechanism.path("party").equals(domain.at("/0/2"))
                        && mechanism.path("type").equals(domain.at("/1/2"))) {
                    found.addObject()
                            .put("id", Integer.parseInt(id))
                            .put("value", mechanism.path("value").asText());
                }
            });
            return found;
        }

        /** @param changes null: it is deleted */
        private Reply change(boolean party, String id, JsonNode changes) {
            if (!(party ? records.containsKey(id) : mechanisms.containsKey(id))) {
                return error("The record does not exist");
            }
            if (changes == null && party) {
                remove(id);
                mechanisms
                        .values()
                        .removeIf(mechanism -> mechanism.path("party").asText().equals(id));
            } else if (changes == null) {
                mechanisms.remove(id);
            } else if (party) {
                update(id, changes);
            } else {
                mechanisms.get(id).setAll((ObjectNode) changes);
            }
            return Reply.of(200, "{\"id\": 1, \"result\": null}");
        }

        private static Reply error(String message) {
            return Reply.of(200, "{\"id\": 1, \"error\": [\"UserError\", [\"" + message + "\", \"\"]]}");
        }
    }

    /** openCRX, How to use the REST API: objects are known by their addresses, and an account's addresses are objects. */
    public static final class OpenCrx extends Store {

        private static final String ACCOUNT =
                "/opencrx-rest-CRX/org.opencrx.kernel.account1/provider/CRX/segment/Standard/account";

        private final Map<String, ObjectNode> addresses = new LinkedHashMap<>();
        private int last;

        public OpenCrx() {
            super("authorization", "Basic YW5uYTpzM2NyM3Q=");
        }

        @Override
        Reply answer(Call call) {
            String[] parts = call.path().replaceFirst("^" + ACCOUNT, "").split("/");
            String id = parts.length > 1 ? parts[1] : "";
            if (id.isEmpty()) {
                return call.method().equals("POST") ? object(create(call.body())) : query(decoded(call.query()));
            }
            if (!records.containsKey(id)) {
                return Reply.of(404, "{\"@type\": \"org.openmdx.kernel.Exception\"}");
            }
            if (parts.length > 2) {
                return ofAddress(call, id, parts.length > 3 ? parts[3] : "");
            }
            if (call.method().equals("DELETE")) {
                remove(id);
                addresses.keySet().removeIf(address -> address.startsWith(id + "/"));
                return Reply.of(204, null);
            }
            update(id, call.body());
            return object(id);
        }

        private Reply object(String id) {
            return ok(at(ACCOUNT + "/" + id, records.get(id)));
        }

        private static ObjectNode at(String path, JsonNode object) {
            return ((ObjectNode) object.deepCopy()).put("@href", "https://crm.example.com" + path);
        }

        private Reply query(String query) {
            String filter = "query=thereExistsUserString0().equalTo(\"";
            String key =
                    query.substring(query.indexOf(filter) + filter.length()).replaceFirst("\"\\).*", "");
            ArrayNode objects = JSON.arrayNode();
            records.forEach((id, record) -> {
                if (record.path("userString0").asText().equals(key)) {
                    objects.add(at(ACCOUNT + "/" + id, record));
                }
            });
            return ok(in("objects", objects).put("@hasMore", "false"));
        }

        private Reply ofAddress(Call call, String account, String address) {
            String path = account + "/address/" + (call.method().equals("POST") ? "a" + ++last : address);
            switch (call.method()) {
                case "GET" -> {
                    String type = call.query().replaceFirst("^queryType=org:opencrx:kernel:account1:(\\w+).*", "$1");
                    ArrayNode objects = JSON.arrayNode();
                    addresses.forEach((each, object) -> {
                        if (each.startsWith(account + "/")
                                && object.path("@type").asText().endsWith("." + type)) {
                            objects.add(at(ACCOUNT + "/" + each, object));
                        }
                    });
                    return ok(in("objects", objects));
                }
                case "DELETE" -> {
                    return Reply.of(addresses.remove(path) == null ? 404 : 204, null);
                }
                default ->
                    addresses.computeIfAbsent(path, each -> JSON.objectNode()).setAll((ObjectNode) call.body());
            }
            return ok(at(ACCOUNT + "/" + path, addresses.get(path)));
        }
    }
}
