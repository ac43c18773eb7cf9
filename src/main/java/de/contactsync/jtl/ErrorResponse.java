package de.contactsync.jtl;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * JTL's model {@code ErrorResponse}, camelCase (version 2) or PascalCase (version 1), without its stack trace.
 *
 * @param errors {@code errors}, or the deprecated {@code validationErrors}, as a JSON object of string arrays; or null
 */
record ErrorResponse(String errorCode, String errorMessage, String errors) {

    private static final int MAX_TEXT = 1_000;
    private static final int MAX_ERRORS = 50;

    /** @return empty when {@code body} is no ErrorResponse: no JSON object, or one without a field of the model */
    static Optional<ErrorResponse> read(byte[] body) {
        try (JsonParser parser = ContactParser.JSON.createParser(body)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return Optional.empty();
            }
            boolean recognised = false;
            String code = null;
            String message = null;
            Map<String, List<String>> errors = new LinkedHashMap<>();
            String name;
            while ((name = parser.nextFieldName()) != null) {
                parser.nextToken();
                switch (name.toLowerCase(Locale.ROOT)) {
                    case "errorcode" -> {
                        code = text(parser);
                        recognised = true;
                    }
                    case "errormessage" -> {
                        message = text(parser);
                        recognised = true;
                    }
                    case "errors", "validationerrors" -> {
                        readErrors(parser, errors);
                        recognised = true;
                    }
                    default -> parser.skipChildren();
                }
            }
            return recognised
                    ? Optional.of(new ErrorResponse(code, message, errors.isEmpty() ? null : json(errors)))
                    : Optional.empty();
        } catch (IOException e) {
            // Not JSON to its end: whoever sent it, it is not JTL's error model.
            return Optional.empty();
        }
    }

    private static void readErrors(JsonParser parser, Map<String, List<String>> errors) throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            parser.skipChildren();
            return;
        }
        String field;
        while ((field = parser.nextFieldName()) != null) {
            List<String> texts = new ArrayList<>();
            if (parser.nextToken() == JsonToken.START_ARRAY) {
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    add(texts, text(parser));
                }
            } else {
                add(texts, text(parser));
            }
            if (errors.size() < MAX_ERRORS) {
                errors.put(clean(field), texts);
            }
        }
    }

    private static void add(List<String> texts, String text) {
        if (text != null && texts.size() < MAX_ERRORS) {
            texts.add(text);
        }
    }

    private static String text(JsonParser parser) throws IOException {
        if (parser.currentToken().isStructStart()) {
            parser.skipChildren();
            return null;
        }
        return parser.currentToken() == JsonToken.VALUE_NULL ? null : clean(parser.getText());
    }

    /** Bounded, and free of what PostgreSQL cannot hold or what would break a line of the log. */
    private static String clean(String text) {
        String bounded = text.length() > MAX_TEXT ? text.substring(0, MAX_TEXT) + "…" : text;
        StringBuilder clean = new StringBuilder(bounded.length());
        bounded.codePoints()
                .forEach(c -> clean.appendCodePoint(
                        Character.isISOControl(c) ? ' ' : Character.getType(c) == Character.SURROGATE ? '\uFFFD' : c));
        return clean.toString();
    }

    private static String json(Map<String, List<String>> errors) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = ContactParser.JSON.createGenerator(text)) {
            json.writeStartObject();
            for (Map.Entry<String, List<String>> error : errors.entrySet()) {
                json.writeArrayFieldStart(error.getKey());
                for (String message : error.getValue()) {
                    json.writeString(message);
                }
                json.writeEndArray();
            }
            json.writeEndObject();
        }
        return text.toString();
    }
}
