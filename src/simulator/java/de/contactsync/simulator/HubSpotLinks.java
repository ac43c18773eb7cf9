package de.contactsync.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which companies a contact is linked to, as HubSpot's
 * <a href="https://developers.hubspot.com/docs/api-reference/crm-associations-v4/guide">associations v4</a> have it:
 * batches that link by the default type, read, and take links away. Not thread-safe.
 */
final class HubSpotLinks {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern PATH = Pattern.compile("/crm/(?:v4/associations|associations/\\d{4}-\\d{2})"
            + "/contacts/companies/batch/(associate/default|read|archive)");

    private final HubSpotRecords contacts;
    private final HubSpotRecords companies;
    private final Map<String, Set<String>> byContact = new LinkedHashMap<>();

    HubSpotLinks(HubSpotRecords contacts, HubSpotRecords companies) {
        this.contacts = contacts;
        this.companies = companies;
    }

    static boolean isFor(HttpServerRequest request) {
        return request.method() == HttpMethod.POST
                && PATH.matcher(request.path()).matches();
    }

    Map<String, Set<String>> byContact() {
        Map<String, Set<String>> copy = new LinkedHashMap<>();
        byContact.forEach((contact, linked) -> {
            if (!linked.isEmpty()) {
                copy.put(contact, Set.copyOf(linked));
            }
        });
        return copy;
    }

    void link(String contact, String company) {
        byContact.computeIfAbsent(contact, id -> new LinkedHashSet<>()).add(company);
    }

    BufferedResponse answer(HttpServerRequest request, JsonNode json) throws HubSpotStore.RefusedException {
        Matcher path = PATH.matcher(request.path());
        path.matches();
        return switch (path.group(1)) {
            case "read" -> read(json);
            case "archive" -> archive(json);
            default -> associate(json);
        };
    }

    /** The pairs of one call, all or none. */
    private BufferedResponse associate(JsonNode json) throws HubSpotStore.RefusedException {
        ObjectNode body = JSON.createObjectNode().put("status", "COMPLETE");
        ArrayNode results = body.putArray("results");
        Map<String, Set<String>> wanted = new LinkedHashMap<>();
        for (JsonNode input : json.path("inputs")) {
            String contact = contacts.find(null, input.at("/from/id").asText());
            String company = companies.find(null, input.at("/to/id").asText());
            if (contact == null || company == null) {
                throw new HubSpotStore.RefusedException(
                        404, "OBJECT_NOT_FOUND", null, "One of the records does not exist");
            }
            wanted.computeIfAbsent(contact, id -> new LinkedHashSet<>()).add(company);
            ObjectNode result = results.addObject();
            result.putObject("from").put("id", contact);
            result.putObject("to").put("id", company);
        }
        wanted.forEach((contact, added) ->
                byContact.computeIfAbsent(contact, id -> new LinkedHashSet<>()).addAll(added));
        return BufferedResponse.json(200, Buffer.buffer(body.toString()));
    }

    /** Contacts without a link have no result. */
    private BufferedResponse read(JsonNode json) {
        ObjectNode body = JSON.createObjectNode().put("status", "COMPLETE");
        ArrayNode results = body.putArray("results");
        for (JsonNode input : json.path("inputs")) {
            String contact = input.path("id").asText();
            Set<String> linked = byContact.getOrDefault(contact, Set.of());
            if (linked.isEmpty()) {
                continue;
            }
            ObjectNode result = results.addObject();
            result.putObject("from").put("id", contact);
            ArrayNode to = result.putArray("to");
            linked.forEach(company -> to.addObject()
                    .put("toObjectId", Long.parseLong(company))
                    .putArray("associationTypes")
                    .addObject()
                    .put("category", "HUBSPOT_DEFINED")
                    .put("typeId", 1));
        }
        return BufferedResponse.json(200, Buffer.buffer(body.toString()));
    }

    private BufferedResponse archive(JsonNode json) {
        for (JsonNode input : json.path("inputs")) {
            for (JsonNode to : input.path("to")) {
                byContact
                        .getOrDefault(input.at("/from/id").asText(), new LinkedHashSet<>())
                        .remove(to.path("id").asText());
            }
        }
        return BufferedResponse.empty(204);
    }
}
