package de.contactsync.crm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import de.contactsync.keyfile.JsonLimits;
import java.io.IOException;

/** The bodies of calls and answers as trees. */
public final class CrmJson {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ObjectReader STRICT = JSON.reader().with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private CrmJson() {}

    public static ObjectNode object() {
        return JSON.createObjectNode();
    }

    /** An array of one; of none for null. */
    public static ArrayNode array(JsonNode element) {
        ArrayNode array = JSON.createArrayNode();
        return element.isNull() ? array : array.add(element);
    }

    /** Missing when it is not JSON, or more than one: what stands behind an answer may be the error that undid it. */
    public static JsonNode read(CrmResponse answer) {
        try {
            JsonNode body = STRICT.readTree(answer.body());
            return body == null ? MissingNode.getInstance() : body;
        } catch (IOException e) {
            // Whoever sent it, it was not the CRM's API.
            return MissingNode.getInstance();
        }
    }

    /** @return null when it is JSON; else what is wrong with it, to be put behind the answer's name */
    static String flaw(byte[] json) {
        try {
            JsonNode body = STRICT.readTree(json);
            return body == null || body.isMissingNode() ? "that is empty" : null;
        } catch (StreamConstraintsException e) {
            return "with " + JsonLimits.exceeded(e);
        } catch (IOException e) {
            return "that cannot be read";
        }
    }

    /** Missing when it is not JSON, or more than one. */
    public static JsonNode read(String text) {
        try {
            JsonNode json = STRICT.readTree(text);
            return json == null ? MissingNode.getInstance() : json;
        } catch (JsonProcessingException e) {
            return MissingNode.getInstance();
        }
    }

    public static byte[] bytes(JsonNode body) {
        try {
            return JSON.writeValueAsBytes(body);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree can be written", e);
        }
    }
}
