package de.contactsync.crm.rest;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import de.contactsync.crm.CrmReading;
import de.contactsync.crm.CrmReading.State;
import de.contactsync.crm.CrmRecord;
import de.contactsync.crm.mapping.Mapping;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * What the CRM has of contacts that were delivered: by the call that finds, which also shows a second record; where
 * that shows none of their fields, or there is none, by the call that reads. Thread-safe.
 */
final class RestAuditReads {

    /** Null when nothing is looked for. */
    private final RestFinder finder;

    private final RestReader reader;
    private final RestSettings settings;
    private final Mapping mapping;

    RestAuditReads(RestFinder finder, RestReader reader, RestSettings settings, Mapping mapping) {
        this.finder = finder;
        this.reader = reader;
        this.settings = settings;
        this.mapping = mapping;
    }

    boolean canRead() {
        return finder != null || reader.canRead();
    }

    /** Whether a record can be read of which only its id is known. */
    boolean canReadById() {
        return reader.canRead() && reader.needsRemoteId();
    }

    CrmReading read(CrmRecord contact, long ends) {
        String remembered = RestResponseParser.usable(contact.delivery().remoteId());
        if (finder == null || finder.lacking(contact.delivery()) != null) {
            return readById(contact, remembered, ends);
        }
        RestFinder.Found found = finder.find(contact, "", ends);
        if (found == null) {
            return remembered != null && reader.canRead()
                    ? readById(contact, remembered, ends)
                    : CrmReading.of(State.MISSING, null);
        }
        if (found.instead() != null) {
            return CrmReading.of(found.id() == null ? State.UNREADABLE : State.DOUBLED, found.id());
        }
        JsonPointer foundKey = settings.mode() instanceof RestMode.FindThenWrite find ? find.foundKey() : null;
        Map<String, String> fields = fields(contact, found.record(), foundKey);
        boolean lacks = !fields.keySet().containsAll(contact.fields().keySet());
        return lacks && reader.canRead()
                ? readById(contact, found.id(), ends)
                : new CrmReading(State.FOUND, found.id(), fields, false, shown(found.record(), foundKey));
    }

    CrmReading readById(CrmRecord contact, String id, long ends) {
        if (!reader.canRead() || reader.needsRemoteId() && id == null) {
            return CrmReading.of(State.UNREADABLE, null);
        }
        RestReader.Reading read = reader.read(contact, id, ends);
        if (read.isGone()) {
            return CrmReading.of(State.MISSING, null);
        }
        if (read.endless() != null || !read.result().ok()) {
            return CrmReading.of(State.UNREADABLE, null);
        }
        String key = reader.keyIn(read);
        if (!key.isEmpty() && !key.equalsIgnoreCase(contact.id())) {
            return new CrmReading(State.MERGED, read.id(), Map.of(mapping.key(), key));
        }
        Map<String, String> fields =
                fields(contact, read.record(), settings.existing().readKey());
        // Many leave out of a record what has no value. Of one with none of the fields they are not where they should
        // be.
        boolean whole = contact.fields().keySet().stream().anyMatch(fields::containsKey);
        return new CrmReading(
                State.FOUND,
                read.id(),
                fields,
                whole,
                shown(read.record(), settings.existing().readKey()));
    }

    /**
     * Those that are shown.
     *
     * @param keyAt where the key stands in the record, beside the other fields where it ends as the mapping's does; null:
     *              where the mapping puts it
     */
    Map<String, String> fields(CrmRecord contact, JsonNode record, JsonPointer keyAt) {
        JsonNode shown = shown(record, keyAt);
        Set<String> names = new LinkedHashSet<>(contact.fields().keySet());
        names.add(mapping.key());
        Map<String, String> fields = new HashMap<>();
        for (String name : names) {
            boolean isKey = name.equals(mapping.key());
            JsonNode value = isKey && keyAt != null ? record.at(keyAt) : shown.at(RestRecord.pointer(name));
            if (value.isValueNode()) {
                // Odoo has false where others have no value.
                boolean none = value.isNull()
                        || value.isBoolean()
                                && !value.booleanValue()
                                && (isKey
                                        || contact.fields()
                                                .getOrDefault(name, "false")
                                                .isEmpty());
                fields.put(name, none ? null : value.asText());
            } else if (value.isContainerNode() && value.isEmpty()) {
                fields.put(name, null);
            }
        }
        return fields;
    }

    /** The part of a record in which its fields are. @param keyAt as of {@link #fields} */
    JsonNode shown(JsonNode record, JsonPointer keyAt) {
        return record.at(beside(keyAt));
    }

    private JsonPointer beside(JsonPointer keyAt) {
        String key = RestRecord.pointer(mapping.key()).toString();
        return keyAt != null && keyAt.toString().endsWith(key)
                ? JsonPointer.compile(
                        keyAt.toString().substring(0, keyAt.toString().length() - key.length()))
                : JsonPointer.empty();
    }
}
