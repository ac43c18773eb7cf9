package de.contactsync.simulator;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The calls that change nothing: the description of an object, a record by its id, and of SOQL as much as finds
 * contacts, as <a
 * href="https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_query.htm">the query
 * resource</a> has it. Not thread-safe.
 */
final class SalesforceReads {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TEXT = "'[^'\\\\]*+(?:\\\\.[^'\\\\]*+)*+'";
    private static final Pattern QUERY =
            Pattern.compile("SELECT ([\\w., ]+) FROM Contact WHERE (\\w+) (?:= '([^'\\\\]*)'|IN \\((" + TEXT + "(?:, ?"
                    + TEXT + ")*+)\\))");
    private static final String ORGANISATION_QUERY = "SELECT Id FROM Organization";
    /** Of the parent, as SOQL names it. */
    private static final String ACCOUNT_KEY = SalesforceStore.ACCOUNT + "." + SalesforceStore.ACCOUNT_KEY;

    static final String ORGANISATION = "00D000000000001AAA";

    private final SalesforceRecords store;
    private final UnaryOperator<String> accountKeys;

    /** @param accountKeys keys of accounts by their ids */
    SalesforceReads(SalesforceRecords store, UnaryOperator<String> accountKeys) {
        this.accountKeys = accountKeys;
        this.store = store;
    }

    static BufferedResponse describe(String object, Map<String, SalesforceOptions.Field> known) {
        ObjectNode body = JSON.createObjectNode().put("name", object);
        ArrayNode fields = body.putArray("fields");
        fields.addObject()
                .put("name", "Id")
                .put("type", "id")
                .put("createable", false)
                .put("updateable", false)
                .put("externalId", false)
                .put("unique", false);
        known.forEach((name, field) -> {
            ArrayNode options = fields.addObject()
                    .put("name", name)
                    .put("type", field.type())
                    .put("createable", field.editable())
                    .put("updateable", field.editable())
                    .put("externalId", field.external())
                    .put("unique", field.unique())
                    .put("length", field.length())
                    .put("restrictedPicklist", !field.options().isEmpty())
                    .putArray("picklistValues");
            field.options()
                    .forEach(option -> options.addObject().put("active", true).put("value", option));
        });
        return BufferedResponse.json(200, Buffer.buffer(body.toString()));
    }

    /**
     * Of all there is to SOQL, columns of contacts with a value, or one of some, in a field; and the organisation's id.
     */
    BufferedResponse query(String text, boolean all) {
        ObjectNode body = JSON.createObjectNode();
        ArrayNode records = body.putArray("records");
        Matcher query = QUERY.matcher(text);
        if (text.equals(ORGANISATION_QUERY)) {
            records.addObject().put("Id", ORGANISATION).putObject("attributes").put("type", "Organization");
        } else if (!query.matches()) {
            return error(400, "MALFORMED_QUERY", "not simulated");
        } else {
            List<String> values = query.group(3) != null
                    ? List.of(query.group(3))
                    : List.of(query.group(4)
                            .replaceFirst("^'", "")
                            .replaceFirst("'$", "")
                            .split("', ?'"));
            try {
                for (String value : values) {
                    for (String id : store.find(query.group(2), value.replaceAll("\\\\(.)", "$1"), all)) {
                        records.add(record(id, query.group(1).split(", ?")));
                    }
                }
            } catch (SalesforceStore.RefusedException e) {
                return error(e.status, e.code, e.getMessage());
            }
        }
        body.put("totalSize", records.size()).put("done", true);
        return BufferedResponse.json(200, Buffer.buffer(body.toString()));
    }

    private ObjectNode record(String id, String... columns) throws SalesforceStore.RefusedException {
        ObjectNode record = JSON.createObjectNode();
        record.putObject("attributes").put("type", "Contact");
        for (String column : columns) {
            if (column.equals(ACCOUNT_KEY)) {
                String account = store.value(id, "AccountId");
                if (account == null) {
                    record.putNull("Account");
                } else {
                    record.putObject("Account").put(SalesforceStore.ACCOUNT_KEY, accountKeys.apply(account));
                }
                continue;
            }
            String value = store.value(id, column);
            if (column.equals("IsDeleted")) {
                record.put(column, Boolean.parseBoolean(value));
            } else {
                record.put(column, value);
            }
        }
        return record;
    }

    /** One that was deleted is not available this way. */
    BufferedResponse get(String id) throws SalesforceStore.RefusedException {
        if (!store.records().containsKey(id)) {
            return error(404, "NOT_FOUND", "The requested resource does not exist");
        }
        Set<String> columns = new LinkedHashSet<>(List.of("Id", "IsDeleted", "MasterRecordId", "AccountId"));
        columns.addAll(store.fields().keySet());
        return BufferedResponse.json(
                200, Buffer.buffer(record(id, columns.toArray(String[]::new)).toString()));
    }

    static BufferedResponse error(int status, String code, String message) {
        return BufferedResponse.json(status, Buffer.buffer(errors(code, message).toString()));
    }

    static ArrayNode errors(String code, String message) {
        ArrayNode errors = JSON.createArrayNode();
        errors.addObject().put("message", message).put("errorCode", code);
        return errors;
    }
}
