package de.contactsync.crm.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import de.contactsync.crm.rest.RestCrmServer.Call;
import de.contactsync.crm.rest.RestCrmServer.Reply;
import java.util.ArrayList;
import java.util.List;

/** Odoo 19, External JSON-2 API: methods of a model, and errors that are named after an exception. */
public final class OdooApi extends StoreApi {

    public OdooApi() {
        super("authorization", "Bearer " + RestCrmServer.TOKEN);
    }

    @Override
    Reply answer(Call call) {
        JsonNode body = call.body();
        switch (call.path().replaceFirst("^/json/2/res\\.partner/", "")) {
            case "search_read" -> {
                String key = body.at("/domain/0/2").asText();
                return body.at("/domain/0").toString().equals("[\"ref\",\"=\",\"" + key + "\"]")
                        ? ok(shown(find(record -> record.path("ref").asText().equals(key)), body.path("fields")))
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
        return ok(read.isEmpty() ? JSON.booleanNode(true) : shown(read, body.path("fields")));
    }

    private static ArrayNode shown(ArrayNode read, JsonNode fields) {
        List<String> names = new ArrayList<>();
        fields.forEach(name -> names.add(name.asText()));
        read.forEach(record -> only(record, names));
        return read;
    }

    private static Reply error(int status, String name) {
        return Reply.of(
                status, "{\"name\": \"" + name + "\", \"message\": \"no\", \"arguments\": [], \"debug\": \"\"}");
    }
}
