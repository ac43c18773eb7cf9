package de.contactsync.routes;

import de.contactsync.model.JtlId;
import de.contactsync.model.Reason;
import de.contactsync.outbox.Channel;
import de.contactsync.persistence.Dialect;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/**
 * A dead letter as a Camel user knows it: a map. What may tell who the contact is, its key and what others said of it
 * above all, is in it only where the settings say so.
 *
 * @param withKey whether it is
 */
public record DeadLetterBody(boolean withKey) implements Channel.Reader<Map<String, Object>> {

    public static final String CHANNEL = "dead-letter";

    @Override
    public Map<String, Object> read(Dialect dialect, ResultSet row) throws SQLException {
        Map<String, Object> letter = new LinkedHashMap<>();
        Reason reason = Reason.of(row.getString("reason"));
        letter.put("id", row.getLong("id"));
        letter.put("source", row.getString("source"));
        long run = row.getLong("run_id");
        letter.put("runId", row.wasNull() ? null : run);
        String position = row.getString("position");
        // Of a message, or a delivery, it is an id that others have given.
        letter.put("position", withKey || position.matches("\\d{1,18}") ? position : null);
        letter.put("tenantId", row.getString("tenant_id"));
        letter.put("stage", row.getString("stage"));
        letter.put("reason", reason.code());
        letter.put("text", text(reason));
        int status = row.getInt("http_status");
        letter.put("httpStatus", row.wasNull() ? null : status);
        letter.put("errorCode", row.getString("error_code"));
        Instant failed = dialect.instant(row, row.findColumn("last_failed_at"));
        letter.put("failedAt", failed.toString());
        if (withKey) {
            letter.put("customerId", id(row, "customer_id"));
            letter.put("contactId", id(row, "contact_id"));
            letter.put("rawKey", row.getString("raw_key"));
            letter.put("errorMessage", row.getString("error_message"));
        }
        return letter;
    }

    private static String id(ResultSet row, String column) throws SQLException {
        String id = row.getString(column);
        return id == null ? null : JtlId.text(UUID.fromString(id));
    }

    private static String text(Reason reason) {
        return switch (reason) {
            case INVALID_KEY -> "The record is not a contact key: correct it at its source.";
            case NOT_FOUND -> "JTL knows no such contact: check the key, or leave it if the contact was deleted.";
            case REJECTED -> "JTL refused this key: the table dead_letter says why.";
            case CONTRACT_VIOLATION -> "JTL's answer was not the contact that was asked for: report it to JTL.";
            case RETRIES_EXHAUSTED -> "The call kept failing for this contact while others passed: replay it later.";
            case SINK_REJECTED -> "The receiver refused the contact: the table dead_letter says why.";
        };
    }
}
