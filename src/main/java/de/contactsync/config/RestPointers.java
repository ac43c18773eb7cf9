package de.contactsync.config;

import com.fasterxml.jackson.core.JsonPointer;
import de.contactsync.crm.rest.ValuePointer;
import java.util.List;

/** Settings that say where in an answer of the CRM something stands. */
record RestPointers(SettingsParser read) {

    JsonPointer pointer(ConfigKey configKey) {
        return read.parsed(configKey, "a JSON Pointer such as /data/items, or # for the whole", RestPointers::pointer);
    }

    ValuePointer value(ConfigKey configKey) {
        return read.parsed(
                configKey,
                "a JSON Pointer such as /id, optionally with a regular expression that selects a part: /href"
                        + " [^/]+$",
                ValuePointer::parse);
    }

    List<ValuePointer> values(ConfigKey configKey) {
        return read.parsed(
                configKey,
                "JSON Pointers such as /message, comma separated, each optionally with a blank and a regular"
                        + " expression that selects a part",
                ValuePointer::parseAll);
    }

    /** As a fragment of a URI has it too (RFC 6901, section 6). */
    private static JsonPointer pointer(String text) {
        return JsonPointer.compile(text.startsWith("#") ? text.substring(1) : text);
    }
}
