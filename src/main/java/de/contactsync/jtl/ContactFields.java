package de.contactsync.jtl;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import de.contactsync.model.CustomerContact;
import de.contactsync.model.JtlId;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** The fields of one contact as they were sent, and the first thing that is wrong with them. */
final class ContactFields {

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

    private final boolean numbers;
    private final String[] values = new String[9];
    private int seen;
    private boolean idSpoiled;
    private String problem;
    /** Whether the first thing that is wrong is a text, rather than that there is none. */
    private boolean problemOfText;

    private ContactFields(boolean numbers) {
        this.numbers = numbers;
    }

    /** @return empty when there is no id, or none that is certain */
    Optional<UUID> id() {
        return values[ID] == null || idSpoiled
                ? Optional.empty()
                : JtlId.parse(values[ID]).filter(id -> JtlId.isNumber(id) == numbers);
    }

    /** What is wrong, where the id is not the one that was asked for. */
    String troubleWithId() {
        return problem != null
                ? problem
                : values[ID] == null ? "JTL's answer has no id" : "JTL's answer has another id than the requested one";
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

    /**
     * Reads an object whose beginning has been read to its end, whatever is wrong with its fields.
     *
     * @param numbers whether ids are numbers
     */
    static ContactFields read(JsonParser parser, boolean numbers) throws IOException, ContractViolationException {
        ContactFields fields = new ContactFields(numbers);
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
