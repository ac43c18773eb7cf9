package de.contactsync.crm.salesforce;

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
 * What Salesforce says went wrong, with a call or with one record; any of it may be missing.
 *
 * @param fields that it is about, as the API names them
 */
record SalesforceError(String code, String message, List<String> fields) {

    /** Others are at work on the record, or Salesforce is busy: the same call may go well a moment later. */
    private static final Set<String> PASSING = Set.of(
            "UNABLE_TO_LOCK_ROW",
            "SERVER_UNAVAILABLE",
            "REQUEST_RUNNING_TOO_LONG",
            "QUERY_TIMEOUT",
            "ALL_OR_NONE_OPERATION_ROLLED_BACK",
            "PROCESSING_HALTED");

    private static final Set<String> OF_THE_ORGANISATION =
            Set.of("API_DISABLED_FOR_ORG", "API_CURRENTLY_DISABLED", "STORAGE_LIMIT_EXCEEDED");

    private static final Set<String> OF_THE_FIELDS =
            Set.of("INVALID_TYPE", "INVALID_FIELD", "INVALID_FIELD_FOR_INSERT_UPDATE");

    private static final Pattern NO_COLUMN = Pattern.compile("No such column '[\\w.]{1,80}'");

    private static final Set<String> NOT_THERE =
            Set.of("ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY", "NOT_FOUND");

    /** @param errors an array, of which the first counts */
    static SalesforceError of(JsonNode errors) {
        JsonNode first = errors.path(0);
        List<String> fields = new ArrayList<>();
        for (JsonNode field : first.path("fields")) {
            if (field.asText().matches("[\\w.]{1,80}")) {
                fields.add(field.asText());
            }
        }
        String code = first.path("statusCode").asText(first.path("errorCode").asText(""));
        return new SalesforceError(
                code.matches("[A-Z_]{1,80}") ? code : null,
                first.path("message").isTextual() ? first.path("message").textValue() : null,
                fields);
    }

    boolean isPassing() {
        return code != null && PASSING.contains(code);
    }

    /** Whether no contact can pass before somebody has done something in the organisation. */
    boolean concernsOrganisation() {
        return code != null && OF_THE_ORGANISATION.contains(code);
    }

    /** Whether no contact can pass with such fields; unless another did. */
    boolean concernsFields() {
        return code != null && OF_THE_FIELDS.contains(code) && !isMissingParent();
    }

    /** The record that it is to belong to is not there. */
    boolean isMissingParent() {
        return "INVALID_FIELD".equals(code) && message != null && message.startsWith("Foreign key external ID");
    }

    boolean isNotFound() {
        return code != null && NOT_THERE.contains(code);
    }

    /** Where no single contact is meant: names of fields, and nothing else that Salesforce may quote. */
    String globalErrorText() {
        Matcher column = NO_COLUMN.matcher(message == null ? "" : message);
        return (code == null ? "no reason given" : code)
                + (column.find() ? ", " + column.group() : "")
                + (fields.isEmpty() ? "" : " (field " + String.join(", ", fields) + ")");
    }

    /**
     * Code and the fields it is about, as JSON for the dead letter; null when Salesforce names none, or says that there
     * is such a record, in which the mapping has no part.
     *
     * @param said  as of {@link #errorText}
     * @param names of fields
     */
    String details(String said, Collection<String> names) {
        return code == null || code.startsWith("DUPLICATE")
                ? null
                : RefusalBrake.details(List.of(code), fields, said, names);
    }

    /** @param values of the contact, which Salesforce may quote */
    String errorText(Collection<String> values) {
        return (code == null ? "" : code + ", ")
                + ("DUPLICATES_DETECTED".equals(code)
                        ? "a duplicate rule there matches an existing record: merge the two by giving that record the"
                                + " contact's key, or let the rule allow what the API user saves. "
                        : "")
                + ErrorSanitizer.redact(values, message)
                + (fields.isEmpty() ? "" : " (field " + String.join(", ", fields) + ")");
    }
}
