package de.contactsync.jtl;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import de.contactsync.contact.ContactKey;
import de.contactsync.contact.CustomerContact;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

/**
 * Reads JTL's model {@code CustomerContact} leniently: camelCase as version 2 sends it or PascalCase as its contract
 * still lists it, null, absent and empty fields, unknown fields ignored. Only the id must be there, and must be the
 * one that was asked for.
 */
final class AnswerReader {

    static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(32)
                    .maxStringLength(65_536)
                    .maxNameLength(1_024)
                    .build())
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .build();

    private static final int ID = 8;
    private static final Map<String, Integer> FIELDS = Map.of(
            "department", 0,
            "honorific", 1,
            "firstname", 2,
            "lastname", 3,
            "phonenumber", 4,
            "mobilephonenumber", 5,
            "emailaddress", 6,
            "fax", 7,
            "id", ID);

    private AnswerReader() {}

    /**
     * @param body the answer's whole body, UTF-8
     * @throws ContractViolationException when it is not JSON, or not the contact {@code asked}
     */
    static CustomerContact read(byte[] body, ContactKey asked) throws ContractViolationException {
        String[] values = new String[9];
        try (JsonParser parser = JSON.createParser(body)) {
            readObject(parser, values);
            if (parser.nextToken() != null) {
                throw new ContractViolationException("JTL's answer goes on behind the contact");
            }
        } catch (JsonParseException | StreamConstraintsException e) {
            // Not e's message: it can quote the contact.
            throw new ContractViolationException("JTL's answer is not well-formed JSON");
        } catch (IOException e) {
            throw new ContractViolationException("JTL's answer breaks off");
        }
        checkId(values[ID], asked.contactId());
        return new CustomerContact(
                values[0], values[1], values[2], values[3], values[4], values[5], values[6], values[7]);
    }

    private static void readObject(JsonParser parser, String[] values)
            throws IOException, ContractViolationException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw new ContractViolationException(
                    parser.currentToken() == null ? "JTL's answer is empty" : "JTL's answer is no JSON object");
        }
        int seen = 0;
        String name;
        while ((name = parser.nextFieldName()) != null) {
            JsonToken token = parser.nextToken();
            Integer field = FIELDS.get(name.toLowerCase(Locale.ROOT));
            if (field == null) {
                parser.skipChildren();
                continue;
            }
            if ((seen & 1 << field) != 0) {
                throw new ContractViolationException("JTL's answer has the field " + name + " twice");
            }
            seen |= 1 << field;
            if (token == JsonToken.VALUE_STRING) {
                values[field] = storable(name, parser.getText());
            } else if (token != JsonToken.VALUE_NULL) {
                throw new ContractViolationException("JTL's answer has no text in the field " + name);
            }
        }
        if (parser.currentToken() != JsonToken.END_OBJECT) {
            throw new ContractViolationException("JTL's answer is not well-formed JSON");
        }
    }

    /** Text that no database can hold as UTF-8 (lone surrogates) or PostgreSQL not at all (NUL) breaks the contract. */
    private static String storable(String name, String text) throws ContractViolationException {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0) {
                throw new ContractViolationException("JTL's answer has a NUL character in the field " + name);
            }
            if (Character.isSurrogate(c)) {
                if (Character.isLowSurrogate(c)
                        || i + 1 == text.length()
                        || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    throw new ContractViolationException("JTL's answer has half a character in the field " + name);
                }
                i++;
            }
        }
        return text;
    }

    private static void checkId(String id, UUID asked) throws ContractViolationException {
        if (id == null) {
            throw new ContractViolationException("JTL's answer has no id");
        }
        if (!ContactKey.parseUuid(id).map(asked::equals).orElse(false)) {
            throw new ContractViolationException("JTL's answer has another id than the one asked for");
        }
    }
}
