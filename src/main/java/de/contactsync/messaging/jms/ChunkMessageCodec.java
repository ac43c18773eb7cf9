package de.contactsync.messaging.jms;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import de.contactsync.keyfile.JsonLimits;
import de.contactsync.model.ContactKey;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.Reason;
import de.contactsync.model.RunChunk;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * A part of a run on its way to whichever process works on it:
 * {@code {"run":17,"chunk":3,"duplicates":0,"keys":[{"position":5,"tenantId":…,"customerId":…,"contactId":…},
 * {"position":6,"raw":…,"problem":…}]}}.
 */
final class ChunkMessageCodec {

    private static final ObjectMapper JSON = new ObjectMapper();

    private ChunkMessageCodec() {}

    static byte[] write(RunChunk chunk) {
        ByteArrayOutputStream bytes =
                new ByteArrayOutputStream(128 * chunk.entries().size() + 64);
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            json.writeNumberField("run", chunk.runId());
            json.writeNumberField("chunk", chunk.number());
            json.writeNumberField("duplicates", chunk.duplicates());
            json.writeArrayFieldStart("keys");
            for (KeyEntry entry : chunk.entries()) {
                json.writeStartObject();
                json.writeNumberField("position", entry.position());
                if (entry.tenantId() != null) {
                    json.writeStringField("tenantId", entry.tenantId().toString());
                }
                if (entry instanceof KeyEntry.Valid valid) {
                    json.writeStringField("customerId", valid.key().customerId().toString());
                    json.writeStringField("contactId", valid.key().contactId().toString());
                } else if (entry instanceof KeyEntry.Invalid invalid) {
                    json.writeStringField("raw", invalid.raw());
                    json.writeStringField("problem", invalid.problem());
                    json.writeStringField("reason", invalid.reason().code());
                    if (invalid.httpStatus() != null) {
                        json.writeNumberField("httpStatus", invalid.httpStatus());
                    }
                }
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("a byte array takes everything", e);
        }
        return bytes.toByteArray();
    }

    /** @throws IOException when it is none; the message says what is wrong */
    static RunChunk read(byte[] body) throws IOException {
        JsonNode json;
        try {
            json = JSON.readTree(body);
        } catch (StreamConstraintsException e) {
            throw new IOException("it has " + JsonLimits.exceeded(e), e);
        } catch (JsonProcessingException e) {
            throw new IOException("it is not JSON", e);
        }
        if (!json.path("run").isIntegralNumber()
                || !json.path("chunk").isInt()
                || !json.path("duplicates").isInt()
                || !json.path("keys").isArray()) {
            throw new IOException("run, chunk, duplicates or keys is missing");
        }
        List<KeyEntry> entries = new ArrayList<>();
        for (JsonNode key : json.path("keys")) {
            entries.add(entry(key));
        }
        return new RunChunk(
                json.path("run").longValue(),
                json.path("chunk").intValue(),
                entries,
                json.path("duplicates").intValue());
    }

    private static KeyEntry entry(JsonNode key) throws IOException {
        if (!key.path("position").isIntegralNumber()) {
            throw new IOException("the position of a key is missing");
        }
        long position = key.path("position").longValue();
        return key.has("problem")
                ? new KeyEntry.Invalid(
                        position,
                        key.path("raw").asText(),
                        key.path("problem").asText(),
                        Reason.of(key.path("reason").asText(Reason.INVALID_KEY.code())),
                        key.has("httpStatus")
                                ? Integer.valueOf(key.path("httpStatus").intValue())
                                : null,
                        key.has("tenantId") ? uuid(key, "tenantId") : null)
                : new KeyEntry.Valid(
                        position,
                        new ContactKey(uuid(key, "tenantId"), uuid(key, "customerId"), uuid(key, "contactId")));
    }

    private static UUID uuid(JsonNode key, String field) throws IOException {
        return ContactKey.parseUuid(key.path(field).asText())
                .orElseThrow(() -> new IOException("the " + field + " of a key is not a UUID"));
    }
}
