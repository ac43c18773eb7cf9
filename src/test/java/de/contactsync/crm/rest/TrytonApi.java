package de.contactsync.crm.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import de.contactsync.crm.rest.RestCrmServer.Call;
import de.contactsync.crm.rest.RestCrmServer.Reply;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * docs.tryton.org, Remote Procedure Call, and the module party: identifiers and ways to reach a party are records of
 * their own, made by commands, which make them once more when they are repeated.
 */
public final class TrytonApi extends StoreApi {

    /** Ways to reach parties, by their ids. */
    public final Map<String, ObjectNode> mechanisms = new LinkedHashMap<>();

    /** Whether the connection is closed after one was made. */
    public boolean losesAnswers;

    private int last;

    public TrytonApi() {
        super("authorization", "Basic YW5uYTpzM2NyM3Q=");
    }

    @Override
    Reply answer(Call call) {
        JsonNode params = call.body().path("params");
        String method = call.body().path("method").asText();
        if (!call.path().equals("/DATABASE/")) {
            return Reply.raw(404, "text/html", "<html>not found</html>");
        }
        boolean party = method.startsWith("model.party.party.");
        return switch (method.replaceFirst("^model\\.party\\.(party|contact_mechanism)\\.", "")) {
            case "search_read" -> ok(in("result", party ? parties(params.path(0)) : mechanisms(params.path(0))));
            case "create" -> {
                ArrayNode ids = JSON.arrayNode();
                for (JsonNode record : params.path(0)) {
                    ids.add(Integer.parseInt(party ? createParty(record) : createMechanism(record)));
                }
                yield losesAnswers && !party ? Reply.none() : ok(in("result", ids));
            }
            case "write" -> change(party, params.path(0).path(0).asText(), params.path(1));
            case "delete" -> change(party, params.path(0).path(0).asText(), null);
            default -> error("method is not known");
        };
    }

    private String createParty(JsonNode given) {
        ObjectNode party = given.deepCopy();
        party.put("key", party.at("/identifiers/0/1/0/code").asText()).remove("identifiers");
        return create(party);
    }

    private String createMechanism(JsonNode given) {
        String id = Integer.toString(++last);
        mechanisms.put(id, given.deepCopy());
        return id;
    }

    private ArrayNode parties(JsonNode domain) {
        String key = domain.at("/0/2").asText();
        return domain.at("/0/0").asText().equals("identifiers.code")
                ? find(record -> record.path("key").asText().equals(key))
                : find(record -> true);
    }

    private ArrayNode mechanisms(JsonNode domain) {
        ArrayNode found = JSON.arrayNode();
        mechanisms.forEach((id, mechanism) -> {
            if (mechanism.path("party").equals(domain.at("/0/2"))
                    && mechanism.path("type").equals(domain.at("/1/2"))) {
                found.addObject()
                        .put("id", Integer.parseInt(id))
                        .put("value", mechanism.path("value").asText());
            }
        });
        return found;
    }

    /** @param changes null: it is deleted */
    private Reply change(boolean party, String id, JsonNode changes) {
        if (!(party ? records.containsKey(id) : mechanisms.containsKey(id))) {
            return error("The record does not exist");
        }
        if (changes == null && party) {
            remove(id);
            mechanisms
                    .values()
                    .removeIf(mechanism -> mechanism.path("party").asText().equals(id));
        } else if (changes == null) {
            mechanisms.remove(id);
        } else if (party) {
            update(id, changes);
        } else {
            mechanisms.get(id).setAll((ObjectNode) changes);
        }
        return Reply.of(200, "{\"id\": 1, \"result\": null}");
    }

    private static Reply error(String message) {
        return Reply.of(200, "{\"id\": 1, \"error\": [\"UserError\", [\"" + message + "\", \"\"]]}");
    }
}
