package de.contactsync.crm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/** The bodies of calls and answers as trees. */
final class CrmJson {

    private static final ObjectMapper JSON = new ObjectMapper();

    private CrmJson() {}

    static ObjectNode object() {
        return JSON.createObjectNode();
    }

    /** Missing when it is no JSON. */
    static JsonNode read(CrmAnswer answer) {
        try {
            JsonNode body = JSON.readTree(answer.body());
            return body == null ? MissingNode.getInstance() : body;
        } catch (IOException e) {
            // Whoever sent it, it was not the CRM's API.
            return MissingNode.getInstance();
        }
    }

    static byte[] bytes(JsonNode body) {
        try {
            return JSON.writeValueAsBytes(body);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree can be written", e);
        }
    }
}
