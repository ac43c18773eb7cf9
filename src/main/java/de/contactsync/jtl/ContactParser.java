package de.contactsync.jtl;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import de.contactsync.keyfile.JsonLimits;
import de.contactsync.model.ContactKey;
import de.contactsync.model.CustomerContact;
import de.contactsync.model.JtlId;
import java.io.CharConversionException;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Reads JTL's model {@code CustomerContact} leniently: camelCase as version 2 sends it or PascalCase as its contract
 * still lists it, null, absent and empty fields, unknown fields ignored. The id must be there, and must be the one that
 * was asked for; and so must one more of its fields, be it null: gateways echo the id that stood in the address.
 */
final class ContactParser {

    static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(32)
                    .maxStringLength(65_536)
                    .maxNameLength(1_024)
                    .build())
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .build();

    /** At the end of what says itself where to look. */
    static final String PROXY = ": look for a proxy between here and JTL that changes answers";

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

    private ContactParser() {}

    /**
     * @param body the answer's whole body, UTF-8
     * @throws ContractViolationException when it is not JSON, or not the contact {@code asked}
     */
    static CustomerContact read(byte[] body, ContactKey asked) throws ContractViolationException {
        Fields fields;
        try (JsonParser parser = JSON.createParser(body)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new ContractViolationException(
                        parser.currentToken() == null ? "JTL's answer is empty" : "JTL's answer is not a JSON object");
            }
            fields = readFields(parser, JtlId.isNumber(asked.contactId()));
            if (parser.nextToken() != null) {
                throw new ContractViolationException("JTL's answer goes on behind the contact");
            }
        } catch (JsonProcessingException | CharConversionException e) {
            throw new ContractViolationException("JTL's answer " + flaw(e));
        } catch (IOException e) {
            throw new ContractViolationException("JTL's answer breaks off");
        }
        if (!fields.id().map(asked.contactId()::equals).orElse(false)) {
            if (fields.problem != null) {
                throw new ContractViolationException(fields.problem);
            }
            throw new ContractViolationException(
                    fields.values[ID] == null
                            ? "JTL's answer has no id"
                            : "JTL's answer has another id than the one asked for");
        }
        return fields.contact();
    }

    /**
     * What is wrong with an answer that cannot be parsed. Not the parser's own message: it can quote the contact.
     *
     * @param e a {@link JsonProcessingException} or a {@link CharConversionException}
     * @return to be put behind the answer's name
     */
    static String flaw(IOException e) {
        if (e instanceof StreamConstraintsException limit) {
            String exceeded = "has " + JsonLimits.exceeded(limit);
            // Of texts only those of the contact itself are read.
            return exceeded.startsWith("has a text")
                    ? exceeded + ": shorten the contact in JTL-Wawi"
                    : exceeded + PROXY;
        }
        // RFC 8259, section 8.1, allows no other encoding; by its text alone Jackson tells bytes that no character
        // begins or goes on with from other flaws.
        return e instanceof CharConversionException
                        || e instanceof JsonProcessingException json
                                && json.getOriginalMessage() != null
                                && json.getOriginalMessage().startsWith("Invalid UTF-8")
                ? "is JSON whose bytes are not UTF-8 (perhaps Latin-1)" + PROXY
                : "is not well-formed JSON";
    }

    /** The fields of one contact as they were sent, and the first thing that is wrong with them. */
    static final class Fields {

        private final boolean numbers;
        private final String[] values = new String[9];
        private int seen;
        private boolean idSpoiled;
        private String problem;
        /** Whether the first thing that is wrong is a text, rather than that there is none. */
        private boolean problemOfText;

        Fields(boolean numbers) {
            this.numbers = numbers;
        }

        /** @return empty when there is no id, or none that is certain */
        Optional<UUID> id() {
            return values[ID] == null || idSpoiled
                    ? Optional.empty()
                    : JtlId.parse(values[ID]).filter(id -> JtlId.isNumber(id) == numbers);
        }

        CustomerContact contact() throws ContractViolationException {
            if (problem != null) {
                throw new ContractViolationException(problem, problemOfText);
            }
            if (seen == 1 << ID) {
                throw new ContractViolationException("JTL's answer has an id and no other field of a contact");
            }
            return new CustomerContact(
                    values[0], values[1], values[2], values[3], values[4], values[5], values[6], values[7]);
        }

        private void spoiled(int field, String what, boolean ofText) {
            idSpoiled |= field == ID;
            if (problem == null) {
                problem = what;
                problemOfText = ofText;
            }
        }
    }

    /**
     * Reads an object whose beginning has been read to its end, whatever is wrong with its fields.
     *
     * @param numbers whether ids are numbers
     */
    static Fields readFields(JsonParser parser, boolean numbers) throws IOException, ContractViolationException {
        Fields fields = new Fields(numbers);
        String name;
        while ((name = parser.nextFieldName()) != null) {
            JsonToken token = parser.nextToken();
            Integer field = FIELDS.get(name.toLowerCase(Locale.ROOT));
            if (field == null) {
                parser.skipChildren();
                continue;
            }
            if ((fields.seen & 1 << field) != 0) {
                fields.spoiled(field, "JTL's answer has the field " + name + " twice", false);
            }
            fields.seen |= 1 << field;
            if (token == JsonToken.VALUE_STRING || numbers && field == ID && token == JsonToken.VALUE_NUMBER_INT) {
                fields.values[field] = parser.getText();
                String problem = unstorable(fields.values[field]);
                if (problem != null) {
                    fields.spoiled(field, "JTL's answer has " + problem + " in the field " + name, true);
                }
            } else if (token != JsonToken.VALUE_NULL) {
                fields.spoiled(field, "JTL's answer has no text in the field " + name, false);
                parser.skipChildren();
            }
        }
        if (parser.currentToken() != JsonToken.END_OBJECT) {
            throw new ContractViolationException("JTL's answer is not well-formed JSON");
        }
        return fields;
    }

    /**
     * Text that no database can hold as UTF-8 (lone surrogates) or PostgreSQL not at all (NUL) breaks the contract.
     *
     * @return what is wrong, null when nothing is
     */
    private static String unstorable(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0) {
                return "a NUL character";
            }
            if (Character.isSurrogate(c)) {
                if (Character.isLowSurrogate(c)
                        || i + 1 == text.length()
                        || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    return "half a character";
                }
                i++;
            }
        }
        return null;
    }
}
