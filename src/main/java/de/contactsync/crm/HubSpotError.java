package de.contactsync.crm;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What HubSpot says went wrong; any of it may be missing.
 *
 * @param codes of the single errors within
 */
record HubSpotError(
        String category, String message, String correlationId, String policyName, List<String> codes) {

    private static final Pattern EXISTING_ID = Pattern.compile("Existing ID: (\\d{1,20})");
    /** Internal names, so that no text of a contact is taken for one. */
    private static final Pattern NO_PROPERTY = Pattern.compile("Property \\\\?\"([a-z0-9_]{1,100})\\\\?\" does not exist");

    static HubSpotError of(JsonNode body) {
        List<String> codes = new ArrayList<>();
        for (JsonNode error : body.path("errors")) {
            for (String name : List.of("code", "errorType", "subCategory", "error")) {
                if (error.path(name).isTextual()) {
                    codes.add(error.path(name).textValue());
                }
            }
        }
        return new HubSpotError(text(body, "category"), text(body, "message"), text(body, "correlationId"),
                text(body, "policyName"), codes);
    }

    private static String text(JsonNode body, String name) {
        return body.path(name).isTextual() ? body.path(name).textValue() : null;
    }

    /** Whether no contact can pass, whatever is in it. */
    boolean concernsAll() {
        return codes.contains("PROPERTY_DOESNT_EXIST")
                || message != null && (message.contains("PROPERTY_DOESNT_EXIST") || message.contains("by non-unique"));
    }

    /** For {@link #concernsAll}: names of properties, and nothing else that HubSpot may quote. */
    String wordsOnAll() {
        Matcher name = NO_PROPERTY.matcher(message == null ? "" : message);
        return (name.find() ? "there is no property " + name.group(1)
                : "a property is not there, or its values are not unique") + correlation();
    }

    /** The record that has what is to be unique; null when it is not named. */
    String existingId() {
        Matcher id = EXISTING_ID.matcher(message == null ? "" : message);
        return id.find() ? id.group(1) : null;
    }

    /** HubSpot's words without anything of the contact, which they may quote, and with the id its support asks for. */
    String words(Collection<String> values) {
        return Words.without(values, message) + correlation();
    }

    private String correlation() {
        return correlationId == null ? "" : " (correlation id " + correlationId.replaceAll("[^\\w-]", "") + ")";
    }
}
