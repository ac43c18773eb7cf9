package de.contactsync.crm.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import de.contactsync.crm.rest.RestCrmServer.Call;
import de.contactsync.crm.rest.RestCrmServer.Reply;
import java.util.Map;

/** docs.twenty.com, APIs: what is answered is named after the call. */
public final class TwentyApi extends StoreApi {

    public TwentyApi() {
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
                            find(record -> record.path("jtlContactId").asText().equals(key)))));
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
                400, "{\"statusCode\": 400, \"error\": \"BadRequestException\", \"messages\": [\"" + message + "\"]}");
    }
}
