package de.contactsync.messaging.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import de.contactsync.messaging.MessageValidator;
import de.contactsync.model.KeyEntry;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.camel.Exchange;

/** Takes keys from routes of the user, whatever component brings them. */
public final class KeyAcceptor {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final ReceivedKeys keys;
    private final KeyRequestParser parser;

    /** @param tenantId tenant of keys that name none, or null */
    public KeyAcceptor(ReceivedKeys keys, UUID tenantId) {
        this.keys = keys;
        this.parser = new KeyRequestParser(tenantId);
    }

    /**
     * Stores keys; once this returns, they are worked on whatever happens to this process. A record that is not a key
     * becomes a dead letter.
     *
     * @param exchange with a map with {@code customerId} and {@code contactId}, a list of such maps, or the same as JSON
     * @return the id that the positions of dead letters begin with
     * @throws IllegalArgumentException when it is none of these, or too much
     */
    public String accept(Exchange exchange) throws IOException {
        byte[] json = json(exchange);
        if (json.length > MessageValidator.LARGEST) {
            throw new IllegalArgumentException(
                    "more than " + MessageValidator.LARGEST + " bytes of keys: hand over several lists");
        }
        List<KeyEntry> entries = parser.read(false, json);
        if (entries.isEmpty() || entries.size() > KeyRequestParser.MOST_KEYS) {
            throw new IllegalArgumentException("expected 1 to " + KeyRequestParser.MOST_KEYS + " keys");
        }
        return keys.accept(entries, null, null, false).requestId();
    }

    private static byte[] json(Exchange exchange) throws IOException {
        Object body = exchange.getMessage().getBody();
        if (body instanceof Map || body instanceof Collection) {
            return JSON.writeValueAsBytes(body);
        }
        if (body instanceof InputStream stream) {
            return stream.readNBytes(MessageValidator.LARGEST + 1);
        }
        byte[] bytes = exchange.getMessage().getBody(byte[].class);
        if (bytes == null) {
            throw new IllegalArgumentException(
                    "expected a map with customerId and contactId, a list of such maps, or" + " JSON, and not "
                            + (body == null ? "nothing" : body.getClass().getSimpleName()));
        }
        return bytes;
    }
}
