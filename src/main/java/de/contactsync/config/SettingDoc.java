package de.contactsync.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What there is to say about a setting, as the JSON Schema has it that editors read.
 *
 * @param defaultValue null where there is none
 * @param allowed      in words, such as {@code a whole number from 1 to 512}; null where any text is
 */
record SettingDoc(String section, String key, String defaultValue, String allowed, String meaning, boolean secret) {

    /** Generated from {@link ConfigKey} and the comments of the shipped {@code application.properties}. */
    static final String SCHEMA = "/schema/application.schema.json";

    /** Names in the schema of what JSON Schema has no name for. */
    static final String SECTION = "x-section";

    static final String ALLOWED = "x-allowed";

    /** All settings, in the order of the shipped {@code application.properties}. */
    static List<SettingDoc> all() {
        List<SettingDoc> docs = new ArrayList<>();
        try (InputStream schema = SettingDoc.class.getResourceAsStream(SCHEMA)) {
            new ObjectMapper().readTree(schema).path("properties").properties().forEach(property -> {
                JsonNode doc = property.getValue();
                docs.add(new SettingDoc(
                        doc.path(SECTION).textValue(),
                        property.getKey(),
                        doc.path("default").textValue(),
                        doc.path(ALLOWED).textValue(),
                        doc.path("description").textValue(),
                        doc.path("writeOnly").booleanValue()));
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return docs;
    }
}
