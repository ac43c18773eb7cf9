package de.contactsync.jtl;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import de.contactsync.model.JtlId;
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

    /** Of what stands in its place. */
    private static final int LONGEST_ID = 1024 * 1024;

    /** Texts are skipped unread, except ids. Whatever a customer has beside its id must not cost the others theirs. */
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(LONGEST_ID)
                    .maxNumberLength(LONGEST_ID)
                    .build())
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .build();

    private final List<UUID> ids = new ArrayList<>();
    private boolean items;
    private Boolean hasNext;
    private long total = -1;
    private final List<Integer> unusable = new ArrayList<>();

    private final boolean numbers;

    private CustomersParser(boolean numbers) {
        this.numbers = numbers;
    }

    /**
     * @param numbers whether ids are numbers
     * @throws ContractViolationException when it is no page of customers
     * @throws IOException                when it cannot be read to its end
     */
    static CallResult.Customers read(InputStream body, boolean numbers) throws IOException, ContractViolationException {
        CustomersParser reader = new CustomersParser(numbers);
        CheckedInputStream bytes = new CheckedInputStream(body, new CRC32());
        try (JsonParser parser = JSON.createParser(bytes)) {
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
        } catch (JsonProcessingException | CharConversionException e) {
            throw new ContractViolationException("a page that " + ContactParser.flaw(e));
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
                    id = id(parser);
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

    /** Of the object that has begun, which is read to its end; empty when it has none, or not one that is certain. */
    private Optional<UUID> id(JsonParser parser) throws IOException {
        String text = null;
        int seen = 0;
        String name;
        while ((name = parser.nextFieldName()) != null) {
            JsonToken value = parser.nextToken();
            if (name.equalsIgnoreCase("id")) {
                seen++;
                text = value == JsonToken.VALUE_STRING || numbers && value == JsonToken.VALUE_NUMBER_INT
                        ? parser.getText()
                        : null;
            }
            parser.skipChildren();
        }
        Optional<UUID> id = seen == 1 && text != null ? JtlId.parse(text) : Optional.empty();
        return id.filter(found -> JtlId.isNumber(found) == numbers);
    }
}
