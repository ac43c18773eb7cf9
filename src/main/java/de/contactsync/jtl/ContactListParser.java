package de.contactsync.jtl;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * Reads a list of contacts as it comes and keeps those that were asked for. Each is read like a single one, and what
 * is wrong with it is its own matter; only where it is not certain whose contact an element is, the list is of no use.
 */
final class ContactListParser {

    private ContactListParser() {}

    /**
     * @param asked   which contacts, by id
     * @param numbers whether ids are numbers
     * @return by id in the order of the list, without those that are not in the list
     * @throws ContractViolationException when it is no list of contacts
     * @throws IOException                when it cannot be read to its end
     */
    static Map<UUID, Outcome> read(InputStream body, int status, Predicate<UUID> asked, boolean numbers)
            throws IOException, ContractViolationException {
        try (JsonParser parser = ContactParser.JSON.createParser(body)) {
            if (parser.nextToken() != JsonToken.START_ARRAY) {
                throw new ContractViolationException(parser.currentToken() == null ? "an empty body" : "no JSON array");
            }
            Map<UUID, Outcome> outcomes = new LinkedHashMap<>();
            while (parser.nextToken() == JsonToken.START_OBJECT) {
                ContactFields fields = ContactFields.read(parser, numbers);
                UUID id = fields.id()
                        .orElseThrow(
                                () -> new ContractViolationException("a list with an element that has no proper id"));
                if (asked.test(id) && outcomes.put(id, outcome(fields, status)) != null) {
                    outcomes.put(id, failed(status, "JTL's list of the customer's contacts has this one twice"));
                }
            }
            if (parser.currentToken() != JsonToken.END_ARRAY) {
                throw new ContractViolationException("a list with an element that is not a JSON object");
            }
            if (parser.nextToken() != null) {
                throw new ContractViolationException("a list that something follows");
            }
            return outcomes;
        } catch (JsonProcessingException | CharConversionException e) {
            throw new ContractViolationException("a list that " + ContactParser.flaw(e));
        }
    }

    private static Outcome outcome(ContactFields fields, int status) {
        try {
            return new Outcome.Found(fields.contact());
        } catch (ContractViolationException e) {
            return failed(status, e.getMessage());
        }
    }

    private static Outcome failed(int status, String problem) {
        return new Outcome.Failed(Reason.CONTRACT_VIOLATION, status, null, problem, null, 1);
    }
}
