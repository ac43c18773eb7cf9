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

    private ContactParser() {}

    /**
     * @param body the answer's whole body, UTF-8
     * @throws ContractViolationException when it is not JSON, or not the contact {@code asked}
     */
    static CustomerContact read(byte[] body, ContactKey asked) throws ContractViolationException {
        ContactFields fields;
        try (JsonParser parser = JSON.createParser(body)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new ContractViolationException(
                        parser.currentToken() == null ? "JTL's answer is empty" : "JTL's answer is not a JSON object");
            }
            fields = ContactFields.read(parser, JtlId.isNumber(asked.contactId()));
            if (parser.nextToken() != null) {
                throw new ContractViolationException("JTL's answer has trailing data after the contact");
            }
        } catch (JsonProcessingException | CharConversionException e) {
            throw new ContractViolationException("JTL's answer " + flaw(e));
        } catch (IOException e) {
            throw new ContractViolationException("JTL's answer is incomplete");
        }
        if (!fields.id().map(asked.contactId()::equals).orElse(false)) {
            throw new ContractViolationException(fields.troubleWithId());
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
}
