package de.contactsync.crm.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import de.contactsync.crm.rest.RestCrmServer.Call;
import de.contactsync.crm.rest.RestCrmServer.Reply;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** docs.suitecrm.com, JSON API: as jsonapi.org has it, with 400 for a record that is not there. */
public final class SuiteCrmV8Api extends StoreApi {

    private static final String MODULE = "/Api/V8/module";

    public SuiteCrmV8Api() {
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
                    data.add(shown(each, call));
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
        return ok(in("data", shown(id, call)));
    }

    private ObjectNode shown(String id, Call call) {
        String fields = decoded(String.valueOf(call.query())).replaceFirst("^fields\\[Contacts\\]=([^&]*).*", "$1");
        ObjectNode one = one(id);
        one.set("attributes", only(record(id), List.of(fields.split(","))));
        return one;
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
