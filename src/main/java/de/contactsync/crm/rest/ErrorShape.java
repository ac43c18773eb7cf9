package de.contactsync.crm.rest;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What JSON APIs commonly answer when something went wrong, whatever the status says: an error with a value, a success
 * that is false, or a status that is one of a failure (RFC 9457 has a number there). It decides only where no setting
 * says how a success looks.
 */
final class ErrorShape {

    private static final List<String> ERRORS = List.of(
            "error",
            "errors",
            "fault",
            "exception",
            "errorCode",
            "error_code",
            "errorMessage",
            "error_message",
            "Error",
            "Errors");

    private static final List<String> SUCCESSES = List.of("success", "Success", "ok", "isSuccess", "succeeded");
    private static final Set<String> FAILED = Set.of("error", "failed", "failure", "fail");
    private static final int FIRST_OF_AN_ERROR = 400;
    private static final int LAST_OF_AN_ERROR = 599;

    private ErrorShape() {}

    /** Of an array the first element counts. */
    static boolean isIn(JsonNode body) {
        JsonNode said = body.isArray() ? body.path(0) : body;
        return ERRORS.stream().anyMatch(name -> isSomething(said.path(name)))
                || SUCCESSES.stream().anyMatch(name -> isFalse(said.path(name)))
                || isOfFailure(said.path("status"));
    }

    private static boolean isSomething(JsonNode value) {
        return value.isContainerNode() && !value.isEmpty()
                || value.isTextual() && !value.textValue().isBlank()
                || value.isNumber() && value.doubleValue() != 0
                || value.isBoolean() && value.booleanValue();
    }

    private static boolean isFalse(JsonNode value) {
        return value.isBoolean() && !value.booleanValue() || "false".equalsIgnoreCase(value.textValue());
    }

    private static boolean isOfFailure(JsonNode status) {
        return status.isTextual() && FAILED.contains(status.textValue().toLowerCase(Locale.ROOT))
                || status.isInt() && status.intValue() >= FIRST_OF_AN_ERROR && status.intValue() <= LAST_OF_AN_ERROR;
    }
}
