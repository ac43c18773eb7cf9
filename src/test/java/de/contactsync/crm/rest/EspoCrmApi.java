package de.contactsync.crm.rest;

import com.fasterxml.jackson.databind.node.ArrayNode;
import de.contactsync.crm.rest.RestCrmServer.Call;
import de.contactsync.crm.rest.RestCrmServer.Reply;
import java.util.HashMap;
import java.util.Map;

/** docs.espocrm.com, API, CRUD operations. An answer to what went wrong has no body. */
public final class EspoCrmApi extends StoreApi {

    public EspoCrmApi() {
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
