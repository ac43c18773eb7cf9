package de.contactsync.messaging;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import de.contactsync.model.ContactKey;
import de.contactsync.model.CustomerContact;
import de.contactsync.model.JtlId;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.Outcome;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;

/**
 * What came of one key, as other programs get it.
 *
 * @param messageId stable: whoever gets two messages with one id has got the same message twice
 */
public record KeyResult(String messageId, KeyEntry entry, Outcome outcome) {

    private static final JsonFactory JSON = new JsonFactory();

    /** ISO 8601 in UTC, always with six places, so that the texts sort by time. */
    private static final DateTimeFormatter INSTANT =
            new DateTimeFormatterBuilder().appendInstant(6).toFormatter(Locale.ROOT);

    public boolean found() {
        return outcome instanceof Outcome.Found;
    }

    /** {@code found}, or the reason of the dead letter. */
    public String outcomeName() {
        return outcome instanceof Outcome.Failed failed ? failed.reason().code() : "found";
    }

    /** {@code customerId/contactId}, null when the key is invalid. */
    public String keyText() {
        return entry instanceof KeyEntry.Valid valid
                ? JtlId.text(valid.key().customerId()) + "/"
                        + JtlId.text(valid.key().contactId())
                : null;
    }

    /** One object: a contact with the names of JTL's model, or an error with those of the table {@code dead_letter}. */
    public String json() {
        return write(this::writeTo);
    }

    /** An object for a lone key, an array for several. */
    public static String json(List<KeyResult> results) {
        return results.size() == 1 ? results.get(0).json() : jsonArray(results);
    }

    private static String jsonArray(List<KeyResult> results) {
        return write(json -> {
            json.writeStartArray();
            for (KeyResult result : results) {
                result.writeTo(json);
            }
            json.writeEndArray();
        });
    }

    @FunctionalInterface
    private interface Content {
        void writeTo(JsonGenerator json) throws IOException;
    }

    private static String write(Content content) {
        StringWriter text = new StringWriter(512);
        try (JsonGenerator json = JSON.createGenerator(text)) {
            content.writeTo(json);
        } catch (IOException e) {
            throw new UncheckedIOException("a text takes everything", e);
        }
        return text.toString();
    }

    private void writeTo(JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("messageId", messageId);
        json.writeStringField("outcome", outcomeName());
        if (entry.tenantId() != null) {
            json.writeStringField("tenantId", entry.tenantId().toString());
        }
        if (entry instanceof KeyEntry.Valid valid) {
            ContactKey key = valid.key();
            json.writeStringField("customerId", JtlId.text(key.customerId()));
            json.writeStringField("contactId", JtlId.text(key.contactId()));
        } else if (entry instanceof KeyEntry.Invalid invalid) {
            json.writeStringField("rawKey", invalid.raw());
        }
        if (outcome.askedAt() != 0) {
            json.writeStringField("askedAt", INSTANT.format(Instant.EPOCH.plus(outcome.askedAt(), ChronoUnit.MICROS)));
        }
        if (outcome instanceof Outcome.Found found) {
            write(json, found.contact());
        } else if (outcome instanceof Outcome.Failed failed) {
            write(json, failed);
        }
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, CustomerContact contact) throws IOException {
        json.writeStringField("department", contact.department());
        json.writeStringField("honorific", contact.honorific());
        json.writeStringField("firstName", contact.firstName());
        json.writeStringField("lastName", contact.lastName());
        json.writeStringField("phoneNumber", contact.phoneNumber());
        json.writeStringField("mobilePhoneNumber", contact.mobilePhoneNumber());
        json.writeStringField("emailAddress", contact.emailAddress());
        json.writeStringField("fax", contact.fax());
        json.writeStringField("contentHash", contact.contentHash());
    }

    private static void write(JsonGenerator json, Outcome.Failed failed) throws IOException {
        json.writeStringField("stage", failed.reason().stage());
        if (failed.httpStatus() == null) {
            json.writeNullField("httpStatus");
        } else {
            json.writeNumberField("httpStatus", failed.httpStatus());
        }
        json.writeStringField("errorCode", failed.errorCode());
        json.writeStringField("errorMessage", failed.errorMessage());
        json.writeFieldName("errors");
        if (failed.errors() == null) {
            json.writeNull();
        } else {
            json.writeRawValue(failed.errors());
        }
        json.writeNumberField("attempts", failed.attempts());
    }

    /** Without contact or message. */
    @Override
    public String toString() {
        return "KeyResult[" + messageId + ", " + outcomeName() + "]";
    }
}
