package de.contactsync.crm.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import de.contactsync.crm.rest.RestCrmServer.Api;
import de.contactsync.crm.rest.RestCrmServer.Call;
import de.contactsync.crm.rest.RestCrmServer.Reply;
import java.util.Map;

/** Odoo 18, External API, JSON-RPC: one URL, the password in each call, and errors with status 200. */
public final class OdooJsonRpcApi extends Api {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final OdooApi models = new OdooApi();

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
            case "search_read" -> {
                body.set("domain", given.path(0));
                body.set("fields", args.at("/6/fields"));
            }
            case "read" -> {
                body.set("ids", given.path(0));
                body.set("fields", given.path(1));
            }
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
        return StoreApi.ok(StoreApi.in("result", result).put("jsonrpc", "2.0"));
    }

    private static Reply error(String name) {
        return Reply.of(
                200,
                "{\"jsonrpc\": \"2.0\", \"error\": {\"code\": 200, \"message\": \"Odoo Server Error\", \"data\":"
                        + " {\"name\": \"" + name + "\", \"message\": \"no\"}}}");
    }
}
