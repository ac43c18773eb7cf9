package de.contactsync.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The calls for records of one type, contacts or companies, and for their properties. Not thread-safe. */
final class HubSpotObjects {

    private static final ObjectMapper JSON = new ObjectMapper();

    final HubSpotBook book;
    /** How often a record was written, by the value of its key. */
    final Map<String, Integer> versions = new LinkedHashMap<>();
    /** Whether an upsert writes what it can, where each record has a trace id of its own. */
    boolean byTraceId;

    HubSpotObjects(HubSpotBook book) {
        this.book = book;
    }

    /**
     * @param what objects or properties
     * @param rest of the path, behind the type
     */
    Reply answer(String method, String what, String rest, JsonNode json) throws HubSpotBook.RefusedException {
        return switch (method + " " + what + rest) {
            case "GET properties" -> listProperties();
            case "POST properties" -> createProperty(json);
            case "POST objects/batch/upsert" -> upsert(json);
            case "POST objects/batch/read" -> read(json);
            default -> !rest.matches("/\\d+") ? Reply.html(404)
                    : method.equals("PATCH") ? update(rest.substring(1), json)
                    : method.equals("DELETE") ? delete(rest.substring(1))
                    : Reply.html(404);
        };
    }

    private Reply listProperties() {
        ObjectNode body = JSON.createObjectNode();
        ArrayNode results = body.putArray("results");
        book.properties().forEach((name, unique) -> results.addObject().put("name", name).put("type", "string")
                .put("fieldType", "text").put("hasUniqueValue", unique && !name.equals("email")));
        return Reply.json(200, Buffer.buffer(body.toString()));
    }

    private Reply createProperty(JsonNode json) {
        for (String needed : List.of("name", "label", "groupName", "type", "fieldType")) {
            if (!json.path(needed).isTextual()) {
                return error(400, "VALIDATION_ERROR", "REQUIRED", needed + " is missing");
            }
        }
        return book.createProperty(json.path("name").asText(), json.path("hasUniqueValue").asBoolean(false))
                ? Reply.json(201, Buffer.buffer(json.toString()))
                : error(409, "OBJECT_ALREADY_EXISTS", null, "A property of this name exists");
    }

    private Reply upsert(JsonNode json) throws HubSpotBook.RefusedException {
        JsonNode inputs = json.path("inputs");
        ObjectNode body = JSON.createObjectNode().put("status", "COMPLETE");
        ArrayNode results = body.putArray("results");
        if (!byTraceId || !areDistinct(inputs, "objectWriteTraceId") || !areDistinct(inputs, "id") || inputs.size() > 100) {
            write(inputs, results);
            return Reply.json(200, Buffer.buffer(body.toString()));
        }
        ArrayNode errors = JSON.createArrayNode();
        for (JsonNode input : inputs) {
            try {
                write(JSON.createArrayNode().add(input), results);
            } catch (HubSpotBook.RefusedException e) {
                ObjectNode error = errors.addObject()
                        .put("status", "error").put("category", e.category).put("message", e.getMessage());
                error.putObject("context").putArray("objectWriteTraceId").add(input.path("objectWriteTraceId").asText());
            }
        }
        if (!errors.isEmpty()) {
            body.put("numErrors", errors.size()).set("errors", errors);
        }
        return Reply.json(errors.isEmpty() ? 200 : 207, Buffer.buffer(body.toString()));
    }

    private static boolean areDistinct(JsonNode inputs, String name) {
        Set<String> seen = new HashSet<>();
        for (JsonNode input : inputs) {
            if (!input.path(name).isTextual() || !seen.add(input.path(name).textValue())) {
                return false;
            }
        }
        return true;
    }

    /** All of them or none. */
    private void write(JsonNode inputs, ArrayNode results) throws HubSpotBook.RefusedException {
        List<HubSpotBook.Written> written = book.upsert(inputs);
        for (int i = 0; i < written.size(); i++) {
            HubSpotBook.Written one = written.get(i);
            versions.merge(inputs.get(i).path("id").asText(), 1, Integer::sum);
            ObjectNode result = results.addObject().put("id", one.recordId()).put("new", one.created());
            ObjectNode properties = result.putObject("properties").put("hs_object_id", one.recordId());
            one.properties().forEach(properties::put);
        }
    }

    /** By the ids of records, or by a property with unique values; 207 where some are not there. */
    private Reply read(JsonNode json) {
        String idProperty = json.path("idProperty").asText(null);
        if (idProperty != null && !book.isUnique(idProperty)) {
            return error(400, "VALIDATION_ERROR", "INVALID_ID_PROPERTY",
                    "Unable to read by non-unique property " + idProperty);
        }
        ObjectNode body = JSON.createObjectNode().put("status", "COMPLETE");
        ArrayNode results = body.putArray("results");
        int missing = 0;
        for (JsonNode input : json.path("inputs")) {
            String id = book.find(idProperty, input.path("id").asText());
            if (id == null) {
                missing++;
                continue;
            }
            ObjectNode properties = results.addObject().put("id", id).putObject("properties");
            for (JsonNode name : json.path("properties")) {
                properties.put(name.asText(), book.records().get(id).get(name.asText()));
            }
        }
        if (missing > 0) {
            body.put("numErrors", missing).putArray("errors").addObject()
                    .put("status", "error").put("category", "OBJECT_NOT_FOUND").put("message", "Could not get some records");
        }
        return Reply.json(missing > 0 ? 207 : 200, Buffer.buffer(body.toString()));
    }

    private Reply update(String id, JsonNode json) throws HubSpotBook.RefusedException {
        return book.update(id, json.path("properties"))
                ? Reply.json(200, Buffer.buffer(JSON.createObjectNode().put("id", id).toString()))
                : error(404, "OBJECT_NOT_FOUND", null, "resource not found");
    }

    private Reply delete(String id) throws HubSpotBook.RefusedException {
        return book.delete(id) ? Reply.empty(204) : error(404, "OBJECT_NOT_FOUND", null, "resource not found");
    }

    static Reply error(int status, String category, String code, String message) {
        ObjectNode body = JSON.createObjectNode()
                .put("status", "error")
                .put("message", message)
                .put("correlationId", "5c1d2e3f-0000-4000-8000-000000000001")
                .put("category", category);
        if (code != null) {
            body.putArray("errors").addObject().put("message", message).put("code", code);
        }
        return Reply.json(status, Buffer.buffer(body.toString()));
    }
}
