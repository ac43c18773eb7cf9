package de.contactsync.crm.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import de.contactsync.crm.rest.RestCrmServer.Call;
import de.contactsync.crm.rest.RestCrmServer.Reply;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * weclapp.com/api2: a filter that is not known is ignored, what a PUT leaves out is nulled without
 * {@code ignoreMissingProperties}, and an older version is refused.
 */
public final class WeclappApi extends StoreApi {

    private static final String PARTIES = "/webapp/api/v2/party";

    public WeclappApi() {
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
            ArrayNode found = find(filter(call.query()));
            List<String> properties =
                    List.of(call.query().replaceFirst(".*&properties=", "").split(","));
            found.forEach(record -> only(record, properties));
            return ok(in("result", found));
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
        return record ->
                record.at("/customAttributes/0/attributeDefinitionId").asText().equals("4711")
                        && record.at("/customAttributes/0/stringValue").asText().equals(key);
    }

    private static Reply error(int status, String type) {
        return Reply.of(status, "{\"type\": \"/webapp/view/api/errors/" + type + "\", \"title\": \"" + type + "\"}");
    }
}
