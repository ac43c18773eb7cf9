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

    /** The record that has what is to be unique; null when it is not named. */
    String existingId() {
        Matcher id = EXISTING_ID.matcher(message == null ? "" : message);
        return id.find() ? id.group(1) : null;
    }

    /** HubSpot's words without anything of the contact, which they may quote, and with the id its support asks for. */
    String words(Collection<String> values) {
        return Words.without(values, message)
                + (correlationId == null ? "" : " (correlation id " + correlationId.replaceAll("[^\\w-]", "") + ")");
    }
}
