package de.contactsync.crm.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import de.contactsync.crm.CallDecision;
import de.contactsync.crm.CrmClient;
import de.contactsync.crm.CrmField;
import de.contactsync.crm.CrmJson;
import de.contactsync.crm.CrmRequest;
import de.contactsync.crm.CrmResponse;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/** The fields of an object of Salesforce, compared with what the mapping wants to fill. */
final class SalesforceFields {

    /** What is sent are texts. */
    private static final Set<String> NO_TEXT = Set.of("boolean", "int", "double", "currency", "percent");

    private final CrmClient calls;
    private final Function<CrmResponse, CallDecision> judge;
    private final String path;
    private final String object;
    private final String file;

    /**
     * @param path of the object, such as {@code /services/data/v62.0/sobjects/Contact}
     * @param file of the mapping, for messages
     */
    SalesforceFields(
            CrmClient calls, Function<CrmResponse, CallDecision> judge, String path, String object, String file) {
        this.calls = calls;
        this.judge = judge;
        this.path = path;
        this.object = object;
        this.file = file;
    }

    /**
     * @param key    the field that records are found by
     * @param entry  of the mapping, which names the key
     * @param fields that are written
     * @param misfits what of the mapping a field cannot take
     * @throws de.contactsync.resilience.OutageException with the remedy when the mapping cannot be used
     */
    void check(String key, String entry, List<String> fields, Function<CrmField, List<String>> misfits, long ends) {
        Map<String, JsonNode> known = read(ends);
        JsonNode id = known.get(key);
        if (id == null) {
            throw calls.halt(
                    "Salesforce's " + object + " has no field " + key + ", or the API user may not see it: create it"
                            + " there (text of 255 characters, External ID, Unique) with the right to read and edit"
                            + " it, or name"
                            + " another field as " + entry + " in " + file);
        }
        if (!id.path("externalId").asBoolean() || !id.path("unique").asBoolean()) {
            throw calls.halt(
                    "Salesforce's field " + key + " of " + object + " is not both External ID and Unique: tick both"
                            + " there, or name another field as " + entry + " in " + file);
        }
        report(
                fields,
                name -> !known.containsKey(name),
                "does not exist, or the API user may not see it: create it there, grant the user access, or"
                        + " remove it from " + file);
        report(
                fields,
                name -> !known.get(name).path("createable").asBoolean()
                        || !known.get(name).path("updateable").asBoolean(),
                "cannot be written by the API user: grant edit access, or remove it from " + file);
        List<String> wrong = fields.stream()
                .flatMap(name -> misfits.apply(field(known.get(name))).stream())
                .toList();
        if (!wrong.isEmpty()) {
            throw calls.halt("Salesforce's " + object + " cannot take every contact as " + file + " has them: "
                    + String.join("; ", wrong));
        }
        report(
                fields,
                name -> NO_TEXT.contains(known.get(name).path("type").asText()),
                "takes no text, which is all that is" + " sent: use a text field in " + file);
    }

    private static CrmField field(JsonNode field) {
        Set<String> options = new HashSet<>();
        for (JsonNode option : field.path("picklistValues")) {
            if (option.path("active").asBoolean()) {
                options.add(option.path("value").asText());
            }
        }
        // Numbers and the like are told of with other words.
        String type = field.path("type").asText();
        return new CrmField(
                field.path("name").asText(),
                NO_TEXT.contains(type) ? "" : type,
                true,
                field.path("restrictedPicklist").asBoolean() ? options : null,
                field.path("length").asInt());
    }

    private void report(List<String> fields, Predicate<String> unusable, String why) {
        List<String> found = fields.stream().filter(unusable).toList();
        if (!found.isEmpty()) {
            throw calls.halt("Salesforce's " + object + ": " + String.join(", ", found) + " " + why);
        }
    }

    private Map<String, JsonNode> read(long ends) {
        CrmResponse answer = calls.call(new CrmRequest("GET", path + "/describe", null), judge, ends);
        Map<String, JsonNode> fields = new HashMap<>();
        for (JsonNode field : CrmJson.read(answer).path("fields")) {
            fields.put(field.path("name").asText(), field);
        }
        if (answer.status() != 200 || fields.isEmpty()) {
            throw calls.halt("Salesforce does not return the fields of " + object + " (HTTP " + answer.status()
                    + "): check contacts.crm.base-url and contacts.crm.object");
        }
        return fields;
    }
}
