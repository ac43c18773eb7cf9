package de.contactsync.jtl;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What came of registering the app with a JTL-Wawi, as it is kept.
 *
 * @param key         that the server tells once
 * @param apiVersion  that was found to work, such as {@code 2.0}
 * @param fingerprint SHA-256 of the certificate that a person confirmed; null where the certificate is trusted
 */
public record WawiRegistration(String key, String apiVersion, String fingerprint) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** For the place where secrets are kept. */
    public String toText() {
        ObjectNode text = JSON.createObjectNode().put("key", key).put("apiVersion", apiVersion);
        return (fingerprint == null ? text : text.put("fingerprint", fingerprint)).toString();
    }

    /** @throws IllegalArgumentException when {@link #toText} did not write it; does not quote it */
    public static WawiRegistration parse(String text) {
        try {
            JsonNode node = JSON.readTree(text);
            return new WawiRegistration(
                    node.path("key").asText(),
                    node.path("apiVersion").asText(),
                    node.path("fingerprint").textValue());
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not a registration");
        }
    }

    /** Never the key. */
    @Override
    public String toString() {
        return "WawiRegistration[" + apiVersion + "]";
    }
}
