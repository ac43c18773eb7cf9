package de.contactsync.crm.hubspot;

import com.fasterxml.jackson.databind.JsonNode;
import de.contactsync.crm.ErrorSanitizer;
import de.contactsync.crm.RefusalBrake;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What HubSpot says went wrong; any of it may be missing.
 *
 * @param codes      of the single errors within
 * @param properties that they are about
 */
record HubSpotError(
        String category,
        String message,
        String correlationId,
        String policyName,
        List<String> codes,
        List<String> properties) {

    /** Codes that are about what the mapping names, whatever is in a contact. */
    private static final Set<String> OF_THE_MAPPING = Set.of("PROPERTY_DOESNT_EXIST", "READ_ONLY_VALUE");
    /** As {@code name} stands in the results that a message quotes. */
    private static final Pattern QUOTED_NAME = Pattern.compile("\\\\?\"name\\\\?\":\\\\?\"([a-z0-9_]{1,100})\\\\?\"");

    private static final Pattern EXISTING_ID = Pattern.compile("Existing ID: (\\d{1,20})");
    /** Internal names, so that no text of a contact is taken for one. */
    private static final Pattern NO_PROPERTY =
            Pattern.compile("Property \\\\?\"([a-z0-9_]{1,100})\\\\?\" does not exist");

    static HubSpotError of(JsonNode body) {
        List<String> codes = new ArrayList<>();
        for (JsonNode error : body.path("errors")) {
            for (String name : List.of("code", "errorType", "subCategory", "error")) {
                if (error.path(name).isTextual()) {
                    codes.add(error.path(name).textValue());
                }
            }
        }
        String message = text(body, "message");
        List<String> properties = new ArrayList<>();
        for (JsonNode error : body.path("errors")) {
            for (JsonNode name : error.path("context").path("propertyName")) {
                if (name.asText().matches("[a-z0-9_]{1,100}")) {
                    properties.add(name.asText());
                }
            }
        }
        Matcher quoted = QUOTED_NAME.matcher(message == null ? "" : message);
        if (properties.isEmpty() && quoted.find()) {
            properties.add(quoted.group(1));
        }
        return new HubSpotError(
                text(body, "category"),
                message,
                text(body, "correlationId"),
                text(body, "policyName"),
                codes,
                properties);
    }

    private static String text(JsonNode body, String name) {
        return body.path(name).isTextual() ? body.path(name).textValue() : null;
    }

    /** Whether no contact can pass, whatever is in it. */
    boolean concernsAll() {
        return codes.stream().anyMatch(OF_THE_MAPPING::contains)
                || message != null
                        && (OF_THE_MAPPING.stream().anyMatch(message::contains) || message.contains("by non-unique"));
    }

    /** For {@link #concernsAll}: names of properties, and nothing else that HubSpot may quote. */
    String globalErrorText() {
        Matcher name = NO_PROPERTY.matcher(message == null ? "" : message);
        boolean readOnly = codes.contains("READ_ONLY_VALUE") || message != null && message.contains("READ_ONLY_VALUE");
        return (readOnly
                        ? "a property that HubSpot fills itself is in it"
                                + (properties.isEmpty() ? "" : ", " + String.join(", ", properties))
                        : name.find()
                                ? "there is no property " + name.group(1)
                                : "a property is missing, or its values are not unique")
                + correlation();
    }

    /**
     * Codes and the properties they are about, as JSON for the dead letter; null when HubSpot gives no reason.
     *
     * @param said  as of {@link #errorText}
     * @param names of properties
     */
    String details(String said, Collection<String> names) {
        List<String> known = codes.isEmpty() && category != null ? List.of(category) : codes;
        return known.isEmpty() ? null : RefusalBrake.details(known, properties, said, names);
    }

    /** The record that has what is to be unique; null when it is not named. */
    String existingId() {
        Matcher id = EXISTING_ID.matcher(message == null ? "" : message);
        return id.find() ? id.group(1) : null;
    }

    /** HubSpot's words without anything of the contact, which they may quote, and with the id its support asks for. */
    String errorText(Collection<String> values) {
        return ErrorSanitizer.redact(values, message) + correlation();
    }

    private String correlation() {
        return correlationId == null ? "" : " (correlation id " + correlationId.replaceAll("[^\\w-]", "") + ")";
    }
}
