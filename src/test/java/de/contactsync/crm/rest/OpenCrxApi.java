package de.contactsync.crm.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import de.contactsync.crm.rest.RestCrmServer.Call;
import de.contactsync.crm.rest.RestCrmServer.Reply;
import java.util.LinkedHashMap;
import java.util.Map;

/** openCRX, How to use the REST API: objects are known by their addresses, and an account's addresses are objects. */
public final class OpenCrxApi extends StoreApi {

    private static final String ACCOUNT =
            "/opencrx-rest-CRX/org.opencrx.kernel.account1/provider/CRX/segment/Standard/account";

    private final Map<String, ObjectNode> addresses = new LinkedHashMap<>();
    private int last;

    public OpenCrxApi() {
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

    /** Without any it has no {@code objects}: it is an XML element with its children, as openMDX writes JSON. */
    private static ObjectNode resultSet(ArrayNode objects) {
        ObjectNode set = JSON.objectNode()
                .put("@type", "org.openmdx.kernel.ResultSet")
                .put("@href", "https://crm.example.com" + ACCOUNT)
                .put("@hasMore", "false");
        if (!objects.isEmpty()) {
            set.set("objects", objects);
        }
        return set;
    }

    private Reply query(String query) {
        String filter = "query=thereExistsUserString0().equalTo(\"";
        String key = query.substring(query.indexOf(filter) + filter.length()).replaceFirst("\"\\).*", "");
        ArrayNode objects = JSON.arrayNode();
        records.forEach((id, record) -> {
            if (record.path("userString0").asText().equals(key)) {
                objects.add(at(ACCOUNT + "/" + id, record));
            }
        });
        return ok(resultSet(objects));
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
                return ok(resultSet(objects));
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
