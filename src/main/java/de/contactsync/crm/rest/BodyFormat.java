package de.contactsync.crm.rest;

import com.fasterxml.jackson.databind.JsonNode;
import de.contactsync.crm.CrmJson;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.stream.Collectors;

/** How the body of a call is written. */
public enum BodyFormat {
    JSON,
    /**
     * The fields of an object as those of a form (WHATWG URL, section 5.2); what is no plain value is JSON within its
     * field.
     */
    FORM;

    public static final String FORM_TYPE = "application/x-www-form-urlencoded";

    /** @param contentType with or without parameters */
    public static BodyFormat of(String contentType) {
        return contentType != null && contentType.toLowerCase(Locale.ROOT).startsWith(FORM_TYPE) ? FORM : JSON;
    }

    byte[] bytes(JsonNode body) {
        return this == JSON
                ? CrmJson.bytes(body)
                : body.properties().stream()
                        .map(field -> encode(field.getKey()) + "=" + encode(text(field.getValue())))
                        .collect(Collectors.joining("&"))
                        .getBytes(StandardCharsets.UTF_8);
    }

    private static String text(JsonNode value) {
        return value.isContainerNode() ? value.toString() : value.isNull() ? "" : value.asText();
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
