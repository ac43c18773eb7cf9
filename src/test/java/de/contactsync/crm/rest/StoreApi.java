package de.contactsync.crm.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import de.contactsync.crm.rest.RestCrmServer.Api;
import de.contactsync.crm.rest.RestCrmServer.Reply;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** What they have in common: records that are made, changed, deleted and found by the value of a field. */
abstract class StoreApi extends Api {

    static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final Map.Entry<String, String> credential;

    StoreApi(String header, String value) {
        this.credential = Map.entry(header, value);
    }

    /** Looks at credentials itself. */
    StoreApi() {
        this.credential = null;
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

    /** Of a record its id and the fields with these names. */
    static ObjectNode only(JsonNode record, Collection<String> names) {
        List<String> shown = new ArrayList<>(names);
        shown.add("id");
        return ((ObjectNode) record).retain(shown);
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
