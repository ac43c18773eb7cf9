package de.contactsync.crm.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import de.contactsync.crm.rest.RestCrmServer.Call;
import de.contactsync.crm.rest.RestCrmServer.Reply;
import java.util.List;
import java.util.function.Predicate;

/** docs.directus.io, API Reference, Items: what is not there, or not to be seen, is forbidden. */
public final class DirectusApi extends StoreApi {

    public DirectusApi() {
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
            String query = decoded(call.query()).replaceFirst("&fields=.*", "");
            if (!query.startsWith(filter)) {
                return error(400, "INVALID_QUERY");
            }
            ArrayNode found = JSON.arrayNode();
            find(same(query.substring(filter.length()))).forEach(record -> found.add(shown(record, call)));
            return ok(in("data", found));
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
        return ok(in("data", shown(record(id), call)));
    }

    /** Of a record what the parameter {@code fields} names; without it everything. */
    private static JsonNode shown(JsonNode record, Call call) {
        String query = String.valueOf(call.query());
        return query.contains("fields=")
                ? only(record, List.of(query.replaceFirst(".*fields=", "").split(",")))
                : record;
    }

    private static Predicate<JsonNode> same(String key) {
        return record -> record.path("jtl_contact_id").asText().equals(key);
    }

    private static Reply error(int status, String code) {
        return Reply.of(status, "{\"errors\": [{\"message\": \"no\", \"extensions\": {\"code\": \"" + code + "\"}}]}");
    }
}
