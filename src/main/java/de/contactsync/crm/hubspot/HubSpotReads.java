package de.contactsync.crm.hubspot;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import de.contactsync.crm.CrmClient;
import de.contactsync.crm.CrmJson;
import de.contactsync.crm.CrmRequest;
import de.contactsync.crm.CrmResponse;
import de.contactsync.crm.UnexpectedAnswerException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Which contacts HubSpot has, by batch reads: the search is behind what was written, and its limit far lower. */
final class HubSpotReads {

    /**
     * @param recordId null for one of the same batch
     * @param key      of ours; empty where the record is not a contact of JTL
     */
    record Owner(String recordId, String key) {

        /** As HubSpot would refuse another contact with the address. */
        HubSpotError error() {
            return new HubSpotError(
                    "CONFLICT",
                    "another contact has this e-mail address"
                            + (recordId == null ? ", which is sent at the same time" : ". Existing ID: " + recordId),
                    null,
                    null,
                    List.of(),
                    List.of());
        }
    }

    /** The ids of records that people have merged into one, with semicolons between them. */
    static final String MERGED = "hs_merged_object_ids";

    private final CrmClient calls;
    private final String path;
    private final String key;

    /** @param contacts path of the objects */
    HubSpotReads(CrmClient calls, String contacts, String key) {
        this.calls = calls;
        this.path = contacts + "/batch/read";
        this.key = key;
    }

    /**
     * A record with its key, see {@link #record}; or HubSpot fails on it.
     *
     * @param idProperty null when {@code id} is the record's own
     */
    CrmResponse read(String idProperty, String id, long ends) {
        CrmResponse answer = read(idProperty, List.of(id), List.of(key, MERGED), ends);
        boolean complete =
                answer.status() / 100 == 2 && (!record(answer).isMissingNode() || hasErrors(CrmJson.read(answer)));
        if (!complete && !HubSpotAnswers.fails(answer)) {
            throw unexpected(answer);
        }
        return answer;
    }

    /** Taken for "there is none", it would leave a record, make a second, or give away that of another contact. */
    UnexpectedAnswerException unexpected(CrmResponse answer) {
        return new UnexpectedAnswerException(
                answer,
                "HubSpot answered HTTP " + answer.status() + " and does not say whether it has a contact: check"
                        + " contacts.crm.base-url and contacts.crm.api-version");
    }

    /**
     * Whose e-mail addresses these are; those that are nobody's are missing. So are those that HubSpot did not tell:
     * what is in conflict then is found by halving.
     *
     * @param addresses in lower case
     */
    Map<String, Owner> owners(Collection<String> addresses, long ends) {
        CrmResponse answer =
                read("email", new ArrayList<>(addresses), List.of(key, "email", "hs_additional_emails"), ends);
        Map<String, Owner> owners = new HashMap<>();
        if (answer.status() / 100 != 2) {
            return owners;
        }
        for (JsonNode result : CrmJson.read(answer).path("results")) {
            JsonNode properties = result.path("properties");
            Owner owner =
                    new Owner(result.path("id").asText(), properties.path(key).asText(""));
            for (String address : (properties.path("email").asText("") + ";"
                            + properties.path("hs_additional_emails").asText(""))
                    .toLowerCase(Locale.ROOT)
                    .split(";")) {
                owners.put(address, owner);
            }
        }
        return owners;
    }

    /** Which of these keys records have; also one that HubSpot fails on. */
    Set<String> present(List<String> keys, long ends) {
        CrmResponse answer = read(key, keys, List.of(key), ends);
        if (HubSpotAnswers.fails(answer)) {
            if (keys.size() == 1) {
                return Set.of(keys.get(0));
            }
            Set<String> both = new HashSet<>(present(keys.subList(0, keys.size() / 2), ends));
            both.addAll(present(keys.subList(keys.size() / 2, keys.size()), ends));
            return both;
        }
        Set<String> present = new HashSet<>();
        results(answer)
                .forEach(record ->
                        present.add(record.path("properties").path(key).asText()));
        if (answer.status() / 100 != 2 || !present.containsAll(keys) && !hasErrors(CrmJson.read(answer))) {
            throw unexpected(answer);
        }
        return present;
    }

    /** @param names of the properties that are read */
    CrmResponse read(String idProperty, List<String> ids, List<String> names, long ends) {
        ObjectNode body = CrmJson.object();
        if (idProperty != null) {
            body.put("idProperty", idProperty);
        }
        ArrayNode properties = body.putArray("properties");
        names.forEach(properties::add);
        body.putArray("propertiesWithHistory");
        ArrayNode inputs = body.putArray("inputs");
        ids.forEach(id -> inputs.addObject().put("id", id));
        return calls.call(new CrmRequest("POST", path, CrmJson.bytes(body)), HubSpotAnswers::judgeRead, ends);
    }

    static JsonNode results(CrmResponse answer) {
        return CrmJson.read(answer).path("results");
    }

    /** Missing when there is none. */
    static JsonNode record(CrmResponse read) {
        return results(read).path(0);
    }

    /** Of a record that is there, also those that were merged into it. */
    static List<String> ids(CrmResponse read) {
        return ids(record(read));
    }

    static List<String> ids(JsonNode record) {
        List<String> ids = new ArrayList<>(List.of(record.path("id").asText()));
        for (String id : record.path("properties").path(MERGED).asText("").split(";")) {
            if (HubSpotAnswers.isRecordId(id.strip())) {
                ids.add(id.strip());
            }
        }
        return ids;
    }

    static boolean hasErrors(JsonNode body) {
        return body.path("numErrors").asInt() > 0 || !body.path("errors").isEmpty();
    }
}
