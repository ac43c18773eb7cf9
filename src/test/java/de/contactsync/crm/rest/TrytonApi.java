package de.contactsync.crm.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import de.contactsync.crm.rest.RestCrmServer.Call;
import de.contactsync.crm.rest.RestCrmServer.Reply;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * docs.tryton.org, Remote Procedure Call, and the module party: identifiers and ways to reach a party are records of
 * their own, made by commands, which make them once more when they are repeated. In what it says and refuses it is like
 * Tryton 6.0: what is archived is found on demand alone, a password in the header of each call is no session, and to
 * delete what is not there is no error, while to change it is one.
 */
public final class TrytonApi extends StoreApi {

    /** Ways to reach parties, by their ids. */
    public final Map<String, ObjectNode> mechanisms = new LinkedHashMap<>();

    /** Whether the connection is closed after one was made. */
    public boolean losesAnswers;

    private int last;
    private int sessions;

    @Override
    Reply answer(Call call) {
        JsonNode params = call.body().path("params");
        String method = call.body().path("method").asText();
        if (!call.path().equals("/DATABASE/")) {
            return Reply.of(200, "{\"id\": 1, \"error\": [\"Database 'other' doesn't exist!\", \"\"]}");
        }
        if (method.equals("common.db.login")) {
            return login(params);
        }
        if (!session().equals(call.headers().get("authorization"))) {
            return Reply.of(401, null);
        }
        boolean party = method.startsWith("model.party.party.");
        return switch (method.replaceFirst("^model\\.party\\.(party|contact_mechanism)\\.", "")) {
            case "search_read" -> ok(in("result", party ? parties(params) : mechanisms(params.path(0))));
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

    /** Sessions from before are over. */
    public void endSession() {
        sessions++;
    }

    private String session() {
        String parts = "jtl-contact-sync:1:session" + sessions;
        return "Session " + Base64.getEncoder().encodeToString(parts.getBytes(StandardCharsets.UTF_8));
    }

    private Reply login(JsonNode params) {
        return params.path(0).asText().equals("anna")
                        && params.path(1).path("password").asText().equals("s3cr3t")
                ? Reply.of(200, "{\"id\": 1, \"result\": [1, \"session" + sessions + "\"]}")
                : Reply.raw(401, "text/html", "<!doctype html><title>401 Unauthorized</title>");
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

    /** @param params domain, offset, limit, order, names of fields and context */
    private ArrayNode parties(JsonNode params) {
        String key = params.at("/0/0/2").asText();
        boolean archived = !params.path(5).path("active_test").asBoolean(true);
        ArrayNode found = JSON.arrayNode();
        records.forEach((id, record) -> {
            if (record.path("key").asText().equals(key)
                    && params.at("/0/0/0").asText().equals("identifiers.code")
                    && (archived || record.path("active").asBoolean(true))) {
                ObjectNode shown = found.addObject();
                params.path(4).forEach(name -> shown.set(name.asText(), record.get(name.asText())));
                shown.put("id", Integer.parseInt(id));
            }
        });
        return found;
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
        if (changes != null && !(party ? records.containsKey(id) : mechanisms.containsKey(id))) {
            return error(
                    "You are trying to write to records \\\"" + id + "\\\" of \\\"Party\\\" that don't exist anymore.");
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
        return Reply.of(200, "{\"id\": 1, \"error\": [\"UserError\", [\"" + message + "\", \"\", null]]}");
    }
}
