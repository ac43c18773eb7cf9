package de.contactsync.crm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The properties of HubSpot's contacts or companies, compared with what the mapping wants to fill. */
final class HubSpotProperties {

    private static final Logger LOG = LoggerFactory.getLogger(HubSpotProperties.class);

    private final CrmCalls calls;
    private final String what;
    private final String path;
    private final String key;
    private final List<String> fields;
    private final boolean create;
    private final Function<CrmAnswer, Verdict> judge;

    /** @param what contact or company */
    HubSpotProperties(
            CrmCalls calls, String what, String path, String key, List<String> fields, boolean create,
            Function<CrmAnswer, Verdict> judge) {
        this.calls = calls;
        this.what = what;
        this.path = path;
        this.key = key;
        this.fields = fields;
        this.create = create;
        this.judge = judge;
    }

    /** @throws de.contactsync.outage.OutageException with the remedy when one is missing, or the key is not unique */
    void check(long ends) {
        Map<String, Boolean> unique = read(ends);
        List<String> missing = new ArrayList<>(fields);
        missing.add(0, key);
        missing.removeIf(unique::containsKey);
        if (create && !missing.isEmpty()) {
            for (String name : missing) {
                create(name, ends);
            }
            unique = read(ends);
            missing.removeIf(unique::containsKey);
        }
        if (!missing.isEmpty()) {
            throw calls.halt("HubSpot has no " + what + " property " + String.join(", ", missing) + ": create what is missing"
                    + " there (single-line text; " + key + " with unique values), set"
                    + " contacts.crm.create-property=true to have it done, or take it out of mapping/hubspot.yaml");
        }
        if (!unique.get(key)) {
            throw calls.halt("HubSpot's " + what + " property " + key + " has no unique values, which cannot be changed"
                    + " later: name another property as key in mapping/hubspot.yaml, which"
                    + " contacts.crm.create-property=true then creates");
        }
    }

    /** Whether its values are unique, by name. */
    private Map<String, Boolean> read(long ends) {
        CrmAnswer answer = calls.call(new CrmRequest("GET", path, null), judge, ends);
        Map<String, Boolean> unique = new HashMap<>();
        for (JsonNode property : CrmJson.read(answer).path("results")) {
            unique.put(property.path("name").asText(), property.path("hasUniqueValue").asBoolean(false));
        }
        if (answer.status() != 200 || unique.isEmpty()) {
            throw calls.halt("HubSpot does not tell its " + what + " properties (HTTP " + answer.status()
                    + "): check contacts.crm.base-url and contacts.crm.api-version");
        }
        return unique;
    }

    private void create(String name, long ends) {
        ObjectNode body = CrmJson.object()
                .put("name", name)
                .put("label", name.replace('_', ' '))
                .put("groupName", what + "information")
                .put("type", "string")
                .put("fieldType", "text")
                .put("hasUniqueValue", name.equals(key));
        CrmAnswer answer = calls.call(new CrmRequest("POST", path, CrmJson.bytes(body)), judge, ends);
        // 409: somebody else was faster, or the name is taken by one that was archived; what is there is read again.
        if (answer.status() / 100 != 2 && answer.status() != 409) {
            throw calls.halt("HubSpot did not create the " + what + " property " + name + " (HTTP " + answer.status() + ": "
                    + HubSpotError.of(CrmJson.read(answer)).words(List.of()) + "): create it there by hand");
        }
        LOG.info("HubSpot: created the {} property {}", what, name);
    }
}
