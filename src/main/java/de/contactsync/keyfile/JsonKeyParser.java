package de.contactsync.keyfile;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import de.contactsync.model.JtlId;
import de.contactsync.model.KeyEntry;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Reads the key out of one JSON object, as it stands in a line, an array or a message. */
final class JsonKeyParser {

    private static final int SHOWN = 60;
    private static final String OBJECT_EXPECTED = ": expected an object with customerId and contactId";

    /** No table of names that a file full of different ones could fill. */
    static final JsonFactory FACTORY = JsonFactory.builder()
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();

    private JsonKeyParser() {}

    static KeyEntry entry(long position, String text) {
        try {
            return parse(position, text);
        } catch (JsonProcessingException e) {
            return notJson(position, text, e);
        }
    }

    static KeyEntry.Invalid notJson(long position, String text, JsonProcessingException e) {
        String problem;
        int reached = e.getLocation() == null ? 0 : (int) e.getLocation().getCharOffset();
        if (e instanceof StreamConstraintsException limit) {
            problem = "the entry has " + JsonLimits.exceeded(limit);
        } else if (reached >= text.length()) {
            problem = "the entry is not JSON, it goes wrong at its end";
        } else {
            String rest = TextDecoder.printable(text.substring(Math.max(0, reached)), SHOWN);
            problem = "the entry is not JSON, it goes wrong at \"" + rest + "\"";
        }
        return KeyEntryFactory.invalid(position, text, problem + OBJECT_EXPECTED);
    }

    /** @throws JsonProcessingException when {@code text} is not one JSON value */
    static KeyEntry parse(long position, String text) throws JsonProcessingException {
        try (JsonParser parser = FACTORY.createParser(text)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return KeyEntryFactory.invalid(position, text, "the entry is " + kind(parser) + OBJECT_EXPECTED);
            }
            return object(position, text, parser);
        } catch (JsonProcessingException e) {
            throw e;
        } catch (IOException e) {
            throw new UncheckedIOException("a text in memory cannot fail to be read", e);
        }
    }

    private static KeyEntry object(long position, String text, JsonParser parser) throws IOException {
        String[] ids = new String[KeyColumn.values().length];
        String[] names = new String[ids.length];
        String problem = null;
        String wrongId = null;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            KeyColumn column = KeyColumn.of(name);
            JsonToken value = parser.nextToken();
            if (column != null) {
                int i = column.ordinal();
                boolean first = problem == null && wrongId == null;
                if (names[i] != null && first) {
                    problem = "there is more than one " + column.title() + " (\""
                            + TextDecoder.printable(names[i], SHOWN) + "\" and \""
                            + TextDecoder.printable(name, SHOWN)
                            + "\")";
                }
                names[i] = name;
                if (value == JsonToken.VALUE_STRING
                        || value == JsonToken.VALUE_NUMBER_INT && column != KeyColumn.TENANT_ID) {
                    ids[i] = parser.getText();
                } else if (column != KeyColumn.TENANT_ID && first) {
                    wrongId = column.title() + " is " + kind(parser);
                } else if (value != JsonToken.VALUE_NULL && first) {
                    problem =
                            column.title() + " is " + kind(parser) + ": " + JtlId.EXPECTED_UUID + " in quotation marks";
                }
            }
            parser.skipChildren();
        }
        if (parser.nextToken() != null) {
            throw new JsonParseException(parser, "more than one value");
        }
        if (wrongId != null) {
            return KeyEntryFactory.wrongId(position, ids, text, wrongId);
        }
        return problem == null
                ? KeyEntryFactory.of(position, ids, text)
                : KeyEntryFactory.invalid(position, ids, text, problem);
    }

    private static String kind(JsonParser parser) throws IOException {
        JsonToken token = parser.currentToken();
        if (token == null) {
            return "empty";
        }
        return switch (token) {
            case START_OBJECT -> "an object";
            case START_ARRAY -> "an array";
            case VALUE_STRING -> "the text " + TextDecoder.quoted(parser.getText(), SHOWN);
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "the number " + TextDecoder.printable(parser.getText(), SHOWN);
            default -> TextDecoder.printable(parser.getText(), SHOWN);
        };
    }
}
