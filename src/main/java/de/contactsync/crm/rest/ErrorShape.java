package de.contactsync.crm.rest;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What JSON APIs commonly answer when something went wrong, whatever the status says: an error with a value, a success
 * that is false or 0, or a status that is one of a failure (RFC 9457 has a number there). It decides only where no
 * setting says how a success looks. Names in whatever case, with or without underscores.
 */
final class ErrorShape {

    private static final Set<String> ERRORS = Set.of(
            "error", "errors", "fault", "exception", "errorcode", "errormessage", "haserror", "haserrors", "iserror");

    private static final Set<String> SUCCESSES = Set.of("success", "successful", "ok", "issuccess", "succeeded");
    private static final Set<String> STATUSES = Set.of("status", "statuscode");
    /** A number there may be the id of the record. */
    private static final String RESULT = "result";

    private static final Set<String> FALSE = Set.of("false", "0", "no");
    private static final Set<String> FAILED = Set.of("error", "failed", "failure", "fail");
    /** As {@link #STATUSES} have it, be it a number or a text. */
    private static final Pattern STATUS_OF_AN_ERROR = Pattern.compile("[45]\\d\\d");

    private ErrorShape() {}

    /** What says no, such as {@code "success": 0}; null when nothing does. Of an array the first element counts. */
    static String in(JsonNode body) {
        JsonNode said = body.isArray() ? body.path(0) : body;
        for (Map.Entry<String, JsonNode> field : said.properties()) {
            String name = field.getKey().replaceAll("[_-]", "").toLowerCase(Locale.ROOT);
            JsonNode value = field.getValue();
            if (ERRORS.contains(name) && isSomething(value)) {
                // Its value may quote the contact.
                return "\"" + field.getKey() + "\"";
            }
            boolean no = SUCCESSES.contains(name) && (isFalse(value) || isFailed(value))
                    || STATUSES.contains(name) && (isFailed(value) || isStatusOfAnError(value))
                    || name.equals(RESULT) && isFailed(value);
            if (no) {
                return "\"" + field.getKey() + "\": " + value;
            }
        }
        return null;
    }

    private static boolean isSomething(JsonNode value) {
        return value.isContainerNode() && !value.isEmpty()
                || value.isTextual() && !value.textValue().isBlank()
                || value.isNumber() && value.doubleValue() != 0
                || value.isBoolean() && value.booleanValue();
    }

    private static boolean isFalse(JsonNode value) {
        return value.isValueNode() && FALSE.contains(plain(value));
    }

    /** Not 0, by which many report that all is well. */
    private static boolean isFailed(JsonNode value) {
        return value.isBoolean() && !value.booleanValue() || value.isTextual() && FAILED.contains(plain(value));
    }

    private static boolean isStatusOfAnError(JsonNode value) {
        return value.isValueNode() && STATUS_OF_AN_ERROR.matcher(plain(value)).matches();
    }

    private static String plain(JsonNode value) {
        return value.asText().strip().toLowerCase(Locale.ROOT);
    }
}
