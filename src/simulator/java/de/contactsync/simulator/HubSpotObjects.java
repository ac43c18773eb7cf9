package de.contactsync.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The calls for records of one type, contacts or companies, and for their properties, as the reference of HubSpot's
 * <a href="https://developers.hubspot.com/docs/api-reference/legacy/crm/objects/contacts/merge-contacts">contacts</a>
 * has them: the batch read needs {@code propertiesWithHistory} beside {@code properties}. The search is behind by some
 * time, see <a href="https://developers.hubspot.com/docs/api-reference/2026-03/crm/search-the-crm">its page</a>. Not
 * thread-safe.
 */
final class HubSpotObjects {

    private static final ObjectMapper JSON = new ObjectMapper();

    final HubSpotRecords store;
    final HubSpotStore book;
    /** How often a record was written, by the value of its key. */
    final Map<String, Integer> versions = new LinkedHashMap<>();
    /** Whether an upsert writes what it can, where each record has a trace id of its own. */
    boolean byTraceId;

    private final long searchLag;

    /**
     * @param needed    a new record must have one of these
     * @param searchLag after which a written record is found by the search
     */
    HubSpotObjects(HubSpotRecords store, List<String> needed, Duration searchLag) {
        this.store = store;
        this.book = new HubSpotStore(store, needed);
        this.searchLag = searchLag.toNanos();
    }

    /**
     * @param what objects or properties
     * @param rest of the path, behind the type
     * @param archived whether the call asks for what is in the recycle bin
     */
    BufferedResponse answer(String method, String what, String rest, boolean archived, JsonNode json)
            throws HubSpotStore.RefusedException {
        return switch (method + " " + what + rest) {
            case "GET properties" ->
                BufferedResponse.json(200, Buffer.buffer(store.schema().all().toString()));
            case "POST properties" -> createProperty(json);
            case "POST objects/batch/upsert" -> upsert(json);
            case "POST objects/batch/update" -> updateAll(json);
            case "POST objects/batch/read" -> read(json, archived);
            case "POST objects/merge" -> merge(json);
            case "POST objects/search" -> search(json);
            default ->
                what.equals("properties") && method.equals("GET")
                        ? property(rest.substring(1))
                        : !rest.matches("/\\d+")
                                ? BufferedResponse.html(404)
                                : method.equals("PATCH")
                                        ? update(rest.substring(1), json)
                                        : method.equals("GET")
                                                ? get(rest.substring(1), archived)
                                                : method.equals("DELETE")
                                                        ? delete(rest.substring(1))
                                                        : BufferedResponse.html(404);
        };
    }

    private BufferedResponse createProperty(JsonNode json) throws HubSpotStore.RefusedException {
        String name = store.createProperty(json);
        return BufferedResponse.json(201, Buffer.buffer(store.schema().one(name).toString()));
    }

    private BufferedResponse property(String name) {
        return store.schema().has(name)
                ? BufferedResponse.json(
                        200, Buffer.buffer(store.schema().one(name).toString()))
                : error(404, "OBJECT_NOT_FOUND", null, "Property " + name + " does not exist");
    }

    private BufferedResponse upsert(JsonNode json) throws HubSpotStore.RefusedException {
        JsonNode inputs = json.path("inputs");
        ObjectNode body = JSON.createObjectNode().put("status", "COMPLETE");
        ArrayNode results = body.putArray("results");
        if (!byTraceId
                || !areDistinct(inputs, "objectWriteTraceId")
                || !areDistinct(inputs, "id")
                || inputs.size() > 100) {
            write(inputs, results);
            return BufferedResponse.json(200, Buffer.buffer(body.toString()));
        }
        ArrayNode errors = JSON.createArrayNode();
        for (JsonNode input : inputs) {
            try {
                write(JSON.createArrayNode().add(input), results);
            } catch (HubSpotStore.RefusedException e) {
                ObjectNode error = errors.addObject()
                        .put("status", "error")
                        .put("category", e.category)
                        .put("message", e.getMessage());
                error.putObject("context")
                        .putArray("objectWriteTraceId")
                        .add(input.path("objectWriteTraceId").asText());
            }
        }
        if (!errors.isEmpty()) {
            body.put("numErrors", errors.size()).set("errors", errors);
        }
        return BufferedResponse.json(errors.isEmpty() ? 200 : 207, Buffer.buffer(body.toString()));
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
    private void write(JsonNode inputs, ArrayNode results) throws HubSpotStore.RefusedException {
        List<HubSpotRecords.Written> written = book.upsert(inputs);
        for (int i = 0; i < written.size(); i++) {
            HubSpotRecords.Written one = written.get(i);
            versions.merge(inputs.get(i).path("id").asText(), 1, Integer::sum);
            ObjectNode result = results.addObject().put("id", one.recordId()).put("new", one.created());
            ObjectNode properties = result.putObject("properties");
            one.properties().forEach(properties::put);
        }
    }

    private BufferedResponse merge(JsonNode json) throws HubSpotStore.RefusedException {
        String id = store.merge(
                json.path("primaryObjectId").asText(),
                json.path("objectIdToMerge").asText());
        return BufferedResponse.json(
                200, Buffer.buffer(JSON.createObjectNode().put("id", id).toString()));
    }

    /** Of all there is to the search, one filter for equality. */
    private BufferedResponse search(JsonNode json) {
        JsonNode filter = json.at("/filterGroups/0/filters/0");
        if (json.path("filterGroups").size() != 1
                || json.at("/filterGroups/0/filters").size() != 1
                || !filter.path("operator").asText().equals("EQ")) {
            return error(400, "VALIDATION_ERROR", null, "not simulated");
        }
        List<String> found = store.search(
                filter.path("propertyName").asText(), filter.path("value").asText(), System.nanoTime() - searchLag);
        ObjectNode body = JSON.createObjectNode().put("total", found.size());
        ArrayNode results = body.putArray("results");
        found.forEach(id -> fill(results.addObject(), id, json.path("properties")));
        return BufferedResponse.json(200, Buffer.buffer(body.toString()));
    }

    private BufferedResponse get(String given, boolean archived) {
        String id = archived ? store.archived(given) == null ? null : given : store.find(null, given);
        if (id == null) {
            return error(404, "OBJECT_NOT_FOUND", null, "resource not found");
        }
        ObjectNode body = JSON.createObjectNode().put("id", id).put("archived", archived);
        ObjectNode properties = body.putObject("properties");
        store.filled(id).forEach(properties::put);
        return BufferedResponse.json(200, Buffer.buffer(body.toString()));
    }

    private void fill(ObjectNode result, String id, JsonNode names) {
        ObjectNode properties = result.put("id", id).putObject("properties");
        Map<String, String> filled = store.filled(id);
        for (String always : List.of("hs_object_id", "createdate", "lastmodifieddate", "hs_lastmodifieddate")) {
            if (filled.containsKey(always)) {
                properties.put(always, filled.get(always));
            }
        }
        names.forEach(name -> properties.put(name.asText(), filled.get(name.asText())));
    }

    /** By the ids of records, or by a property with unique values; 207 where some are not there. */
    private BufferedResponse read(JsonNode json, boolean archived) throws HubSpotStore.RefusedException {
        for (String needed : List.of("properties", "propertiesWithHistory", "inputs")) {
            if (!json.path(needed).isArray()) {
                return error(
                        400,
                        "VALIDATION_ERROR",
                        null,
                        "Invalid input JSON: Some required fields were not set: [" + needed + "]");
            }
        }
        String idProperty = json.path("idProperty").asText(null);
        if (idProperty != null && !store.isUnique(idProperty)) {
            return error(
                    400,
                    "VALIDATION_ERROR",
                    "INVALID_ID_PROPERTY",
                    "Unable to read by non-unique property " + idProperty);
        }
        ObjectNode body = JSON.createObjectNode().put("status", "COMPLETE");
        ArrayNode results = body.putArray("results");
        int missing = 0;
        for (JsonNode input : json.path("inputs")) {
            book.checkReadable(input.path("id").asText());
            String id =
                    archived ? null : store.find(idProperty, input.path("id").asText());
            if (archived
                    && idProperty == null
                    && store.archived(input.path("id").asText()) != null) {
                results.addObject().put("id", input.path("id").asText()).put("archived", true);
            } else if (id == null) {
                missing++;
            } else {
                fill(results.addObject(), id, json.path("properties"));
            }
        }
        return batch(body, missing);
    }

    /** @param missing records that were asked for and are not there */
    private static BufferedResponse batch(ObjectNode body, int missing) {
        if (missing > 0) {
            body.put("numErrors", missing)
                    .putArray("errors")
                    .addObject()
                    .put("status", "error")
                    .put("category", "OBJECT_NOT_FOUND")
                    .put("message", "Could not get some records");
        }
        return BufferedResponse.json(missing > 0 ? 207 : 200, Buffer.buffer(body.toString()));
    }

    /** By the ids of records; the first that is refused ends it, and none is written. */
    private BufferedResponse updateAll(JsonNode json) throws HubSpotStore.RefusedException {
        ObjectNode body = JSON.createObjectNode().put("status", "COMPLETE");
        ArrayNode results = body.putArray("results");
        if (json.path("inputs").size() > 100) {
            return error(400, "VALIDATION_ERROR", "BATCH_TOO_LARGE", "The batch is larger than 100");
        }
        Set<String> seen = new HashSet<>();
        for (JsonNode input : json.path("inputs")) {
            if (!seen.add(input.path("id").asText())) {
                return error(400, "VALIDATION_ERROR", "DUPLICATE_ID", "Duplicate IDs found in batch input");
            }
            book.checkUpdate(input.path("id").asText(), input.path("properties"));
        }
        int missing = 0;
        for (JsonNode input : json.path("inputs")) {
            String id = input.path("id").asText();
            if (book.update(id, input.path("properties"))) {
                fill(results.addObject(), store.find(null, id), JSON.createArrayNode());
            } else {
                missing++;
            }
        }
        return batch(body, missing);
    }

    private BufferedResponse update(String id, JsonNode json) throws HubSpotStore.RefusedException {
        return book.update(id, json.path("properties"))
                ? BufferedResponse.json(
                        200, Buffer.buffer(JSON.createObjectNode().put("id", id).toString()))
                : error(404, "OBJECT_NOT_FOUND", null, "resource not found");
    }

    private BufferedResponse delete(String id) throws HubSpotStore.RefusedException {
        return book.delete(id)
                ? BufferedResponse.empty(204)
                : error(404, "OBJECT_NOT_FOUND", null, "resource not found");
    }

    static BufferedResponse error(int status, String category, String code, String message) {
        return error(status, category, code, message, null);
    }

    /** @param property null when it is about none */
    static BufferedResponse error(int status, String category, String code, String message, String property) {
        ObjectNode body = JSON.createObjectNode()
                .put("status", "error")
                .put("message", message)
                .put("correlationId", "5c1d2e3f-0000-4000-8000-000000000001")
                .put("category", category);
        if (code != null) {
            ObjectNode error =
                    body.putArray("errors").addObject().put("message", message).put("code", code);
            if (property != null) {
                error.putObject("context").putArray("propertyName").add(property);
            }
        }
        return BufferedResponse.json(status, Buffer.buffer(body.toString()));
    }
}
