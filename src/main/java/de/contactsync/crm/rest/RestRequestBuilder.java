package de.contactsync.crm.rest;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.NullNode;
import de.contactsync.crm.CrmRecord;
import de.contactsync.crm.CrmRequest;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.model.Delivery;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** What is sent for contacts. */
final class RestRequestBuilder {

    static final JsonNode NOTHING = MissingNode.getInstance();

    private final RestSettings settings;
    private final Mapping mapping;
    private final JsonNode cleared;

    RestRequestBuilder(RestSettings settings, Mapping mapping) {
        this.settings = settings;
        this.mapping = mapping;
        this.cleared = settings.clearsWithNull() ? NullNode.getInstance() : JsonNodeFactory.instance.textNode("");
    }

    CrmRequest find(RequestTemplate template, Delivery delivery) {
        return fill(template, values(delivery, null), null, true);
    }

    /**
     * @param remoteId null when there is no record that is known
     * @param there    the record as the CRM has it, where that is known
     */
    CrmRequest write(RequestTemplate template, CrmRecord contact, String remoteId, JsonNode there, boolean repeatable) {
        return fill(
                template,
                values(contact.delivery(), remoteId, there),
                record(template, contact.id(), contact.fields(), there, contact.kept()),
                repeatable);
    }

    /** A new record has nothing that could be cleared. Not to be repeated. */
    CrmRequest create(RequestTemplate template, CrmRecord contact) {
        Map<String, String> fields = new LinkedHashMap<>(contact.fields());
        fields.values().removeIf(value -> value == null || value.isEmpty());
        return write(template, contact.with(fields), null, NOTHING, false);
    }

    CrmRequest writeAll(RequestTemplate template, List<CrmRecord> contacts) {
        ArrayNode records = JsonNodeFactory.instance.arrayNode();
        contacts.forEach(
                contact -> records.add(record(template, contact.id(), contact.fields(), NOTHING, contact.kept())));
        return template.fill(
                settings.secrets()::get, records, settings.headers().fill(name -> null), settings.bodyFormat(), true);
    }

    /**
     * Says in the record that JTL has the contact no longer.
     *
     * @param there the record as the CRM has it, which is sent back where what is not sent would be cleared
     */
    CrmRequest flag(RequestTemplate template, Delivery delivery, String remoteId, JsonNode there) {
        Map<String, String> fields = new LinkedHashMap<>();
        if (settings.nullHandling().keep()) {
            mapping.fieldNames().forEach(name -> fields.put(name, null));
        }
        fields.putAll(mapping.flagged());
        JsonNode record = record(template, settings.recordKey(delivery), fields, there, null);
        return fill(
                template,
                values(delivery, remoteId, there),
                settings.mode() instanceof RestMode.Batch
                        ? JsonNodeFactory.instance.arrayNode().add(record)
                        : record,
                true);
    }

    CrmRequest delete(RequestTemplate template, Delivery delivery, String remoteId, JsonNode there) {
        return fill(template, values(delivery, remoteId, there), null, true);
    }

    UnaryOperator<String> values(Delivery delivery, String remoteId) {
        return values(delivery, remoteId, NOTHING);
    }

    UnaryOperator<String> values(Delivery delivery, String remoteId, JsonNode there) {
        UnaryOperator<String> ofContact = RestPlaceholders.of(delivery, settings.recordKey(delivery), remoteId, there);
        return name ->
                RestPlaceholders.SECRETS.contains(name) ? settings.secrets().get(name) : ofContact.apply(name);
    }

    CrmRequest read(RequestTemplate template, Delivery delivery, String remoteId) {
        return fill(template, values(delivery, remoteId), null, true);
    }

    /**
     * @param values of the placeholders
     * @param record what is written, or null
     */
    CrmRequest fill(RequestTemplate template, UnaryOperator<String> values, JsonNode record, boolean repeatable) {
        return template.fill(values, record, settings.headers().fill(values), settings.bodyFormat(), repeatable);
    }

    /** A record of a step, which holds no key. @param fields that have a value */
    JsonNode record(Mapping step, Map<String, String> fields) {
        return RestRecord.of(null, fields, step, cleared, field -> NOTHING);
    }

    /** Whether a record that was read says that it is this contact's. */
    boolean isOf(JsonNode read, String key) {
        return keyIn(read).equalsIgnoreCase(key);
    }

    /** Empty when there is none in a record that was read. */
    String keyIn(JsonNode read) {
        JsonPointer readKey = settings.existing().readKey();
        JsonNode key = read.at(readKey == null ? RestRecord.pointer(mapping.key()) : readKey);
        // Odoo has false where others have no value.
        return key.isNull() || key.isBoolean() ? "" : key.asText("");
    }

    /** Whether a record of the CRM is that of another contact; not where no key is to be seen in it. */
    boolean belongsToAnother(JsonNode there, String key) {
        String found = there.at(RestRecord.pointer(mapping.key())).asText("");
        // Some write ids in capitals.
        return !found.isEmpty() && !found.equalsIgnoreCase(key);
    }

    /** Whether a call has the key beside the record, or it is written only where a record is made, which does so. */
    private boolean sendsKey(RequestTemplate template) {
        return template.needs(RestPlaceholders.KEY)
                || settings.mode() instanceof RestMode.FindThenWrite find
                        && find.create().needs(RestPlaceholders.KEY);
    }

    /**
     * @param there the record as the CRM has it, as far as it is shown
     * @param kept  the same when it was decided what to keep, which is a little longer ago; null when nothing is
     */
    private JsonNode record(
            RequestTemplate template, String key, Map<String, String> fields, JsonNode there, JsonNode kept) {
        return RestRecord.of(sendsKey(template) ? null : key, fields, mapping, cleared, field -> {
            JsonNode now = there.at(field);
            return now.isMissingNode() && kept != null ? kept.at(field) : now;
        });
    }
}
