package de.contactsync.jtl;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;

/**
 * Reads a page of customers as it comes: of each its id, of the envelope what it says of further pages. What is no
 * customer costs its own place only.
 */
final class CustomersParser {

    private final List<UUID> ids = new ArrayList<>();
    private boolean items;
    private Boolean hasNext;
    private long total = -1;
    private final List<Integer> unusable = new ArrayList<>();

    private CustomersParser() {}

    /**
     * @throws ContractViolationException when it is no page of customers
     * @throws IOException                when it cannot be read to its end
     */
    static CallResult.Customers read(InputStream body) throws IOException, ContractViolationException {
        CustomersParser reader = new CustomersParser();
        CheckedInputStream bytes = new CheckedInputStream(body, new CRC32());
        try (JsonParser parser = ContactParser.JSON.createParser(bytes)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new ContractViolationException("no JSON object");
            }
            String name;
            while ((name = parser.nextFieldName()) != null) {
                reader.field(name.toLowerCase(Locale.ROOT), parser);
            }
            if (!reader.items || parser.currentToken() != JsonToken.END_OBJECT) {
                throw new ContractViolationException("a page without items");
            }
        } catch (JsonProcessingException e) {
            throw new ContractViolationException("a page that is " + ContactParser.flaw(e));
        } catch (CharConversionException e) {
            throw new ContractViolationException("a page that is " + ContactParser.NOT_UTF_8);
        }
        return new CallResult.Customers(
                reader.ids,
                reader.unusable,
                reader.hasNext,
                reader.total,
                bytes.getChecksum().getValue(),
                null);
    }

    private void field(String name, JsonParser parser) throws IOException, ContractViolationException {
        JsonToken value = parser.nextToken();
        if (name.equals("items") && value == JsonToken.START_ARRAY) {
            items = true;
            for (int place = 1; (value = parser.nextToken()) != null && value != JsonToken.END_ARRAY; place++) {
                Optional<UUID> id = Optional.empty();
                if (value == JsonToken.START_OBJECT) {
                    id = ContactParser.readFields(parser).id();
                } else {
                    parser.skipChildren();
                }
                int here = place;
                id.ifPresentOrElse(ids::add, () -> unusable.add(here));
            }
        } else if (name.equals("hasnextpage") && value.isBoolean()) {
            hasNext = parser.getBooleanValue();
        } else if (name.equals("totalitems") && value == JsonToken.VALUE_NUMBER_INT) {
            total = parser.getLongValue();
        } else {
            parser.skipChildren();
        }
    }
}
