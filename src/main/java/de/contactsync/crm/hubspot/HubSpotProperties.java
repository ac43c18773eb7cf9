package de.contactsync.crm.hubspot;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import de.contactsync.crm.CallDecision;
import de.contactsync.crm.CrmClient;
import de.contactsync.crm.CrmField;
import de.contactsync.crm.CrmJson;
import de.contactsync.crm.CrmRequest;
import de.contactsync.crm.CrmResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The properties of HubSpot's contacts or companies, compared with what the mapping wants to fill. */
final class HubSpotProperties {

    private static final Logger LOG = LoggerFactory.getLogger(HubSpotProperties.class);

    /** Of any text, see the limits on the page of properties. */
    private static final int LONGEST_TEXT = 65_536;

    private final CrmClient calls;
    private final String file;
    private final String what;
    private final String path;
    private final String key;
    private final List<String> fields;
    private final Function<CrmField, List<String>> misfits;
    private final boolean create;
    private final Function<CrmResponse, CallDecision> judge;

    /**
     * @param file    of the mapping, for messages
     * @param what    contact or company
     * @param misfits what of the mapping a property cannot take
     */
    HubSpotProperties(
            CrmClient calls,
            String file,
            String what,
            String path,
            String key,
            List<String> fields,
            Function<CrmField, List<String>> misfits,
            boolean create,
            Function<CrmResponse, CallDecision> judge) {
        this.misfits = misfits;
        this.calls = calls;
        this.file = file;
        this.what = what;
        this.path = path;
        this.key = key;
        this.fields = fields;
        this.create = create;
        this.judge = judge;
    }

    /**
     * @throws de.contactsync.resilience.OutageException with the remedy when one is missing, or the key is not unique
     */
    void check(long ends) {
        Map<String, JsonNode> known = read(ends);
        List<String> missing = new ArrayList<>(fields);
        missing.add(0, key);
        missing.removeIf(known::containsKey);
        if (create && !missing.isEmpty()) {
            for (String name : missing) {
                create(name, ends);
            }
            known = read(ends);
            missing.removeIf(known::containsKey);
        }
        if (!missing.isEmpty()) {
            throw calls.halt(
                    "HubSpot has no " + what + " property " + String.join(", ", missing) + ": create what is missing"
                            + " there (single-line text; " + key
                            + " with unique values), set contacts.crm.create-property=true to have it created, or"
                            + " remove it from " + file);
        }
        if (!known.get(key).path("hasUniqueValue").asBoolean(false)) {
            throw calls.halt("HubSpot's " + what + " property " + key + " has no unique values, which cannot be changed"
                    + " later: name another property as key in " + file + ", which"
                    + " contacts.crm.create-property=true then creates");
        }
        List<String> wrong = new ArrayList<>();
        for (String name : fields) {
            wrong.addAll(misfits.apply(field(known.get(name))));
        }
        if (!wrong.isEmpty()) {
            throw calls.halt("HubSpot cannot take every contact as " + file + " has them: " + String.join("; ", wrong));
        }
    }

    private static CrmField field(JsonNode property) {
        Set<String> options = new HashSet<>();
        property.path("options")
                .forEach(option -> options.add(option.path("value").asText()));
        String type = property.path("type").asText();
        // Of some HubSpot keeps the options elsewhere.
        boolean closed = Set.of("enumeration", "bool").contains(type)
                && !options.isEmpty()
                && !property.path("externalOptions").asBoolean(false);
        return new CrmField(
                property.path("name").asText(),
                type,
                !property.path("modificationMetadata").path("readOnlyValue").asBoolean(false)
                        && !property.path("calculated").asBoolean(false),
                closed ? options : null,
                LONGEST_TEXT);
    }

    /** By name. */
    private Map<String, JsonNode> read(long ends) {
        CrmResponse answer = calls.call(new CrmRequest("GET", path, null), judge, ends);
        Map<String, JsonNode> known = new HashMap<>();
        for (JsonNode property : CrmJson.read(answer).path("results")) {
            known.put(property.path("name").asText(), property);
        }
        if (answer.status() != 200 || known.isEmpty()) {
            throw calls.halt("HubSpot does not return its " + what + " properties (HTTP " + answer.status()
                    + "): check contacts.crm.base-url and contacts.crm.api-version");
        }
        return known;
    }

    private void create(String name, long ends) {
        ObjectNode body = CrmJson.object()
                .put("name", name)
                .put("label", name.replace('_', ' '))
                .put("groupName", what + "information")
                .put("type", "string")
                .put("fieldType", "text")
                .put("hasUniqueValue", name.equals(key));
        CrmResponse answer = calls.call(new CrmRequest("POST", path, CrmJson.bytes(body)), judge, ends);
        // 409: somebody else was faster, or the name is taken by one that was archived; what is there is read again.
        if (answer.status() / 100 != 2 && answer.status() != 409) {
            throw calls.halt("HubSpot did not create the " + what + " property " + name + " (HTTP " + answer.status()
                    + ": " + HubSpotError.of(CrmJson.read(answer)).errorText(List.of()) + "): create it there by hand");
        }
        LOG.info("HubSpot: created the {} property {}", what, name);
    }
}
