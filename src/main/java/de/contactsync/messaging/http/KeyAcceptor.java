package de.contactsync.messaging.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import de.contactsync.messaging.MessageValidator;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.TenantNames;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;

/** Takes keys from routes of the user, whatever component brings them. */
public final class KeyAcceptor {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final ReceivedKeys keys;
    private final KeyRequestParser parser;

    /** @param tenants of keys that name none, or name it by its name */
    public KeyAcceptor(ReceivedKeys keys, TenantNames tenants) {
        this.keys = keys;
        this.parser = new KeyRequestParser(tenants);
    }

    /**
     * Stores keys; once this returns, they are worked on whatever happens to this process. A record that is not a key
     * becomes a dead letter. Where the route begins with {@code platform-http}, what {@code POST /contact-keys} refuses
     * is refused as well, an {@code Idempotency-Key} counts, and the answer is 202 otherwise.
     *
     * @param exchange with a map of {@code customerId} and {@code contactId}, a list of such maps, or the same as JSON
     * @return the id that the positions of dead letters begin with
     * @throws IllegalArgumentException when it is none of these, or too much: nothing is stored
     */
    public String accept(Exchange exchange) throws IOException {
        PlatformHttpEndpoint asked =
                exchange.getFromEndpoint() instanceof PlatformHttpEndpoint endpoint ? endpoint : null;
        byte[] json = json(exchange);
        if (json.length > MessageValidator.LARGEST) {
            throw new RefusedKeysException(
                    413, "More than " + MessageValidator.LARGEST + " bytes of keys: send them in several parts");
        }
        List<KeyEntry> entries = parser.read(false, json, asked != null);
        if (asked == null) {
            return keys.accept(entries, null, false).requestId();
        }
        keys.requireRoom();
        String key = IdempotencyKeys.ofPart(asked.getPath(), idempotencyKey(exchange.getMessage()), entries);
        String id = keys.accept(entries, key, false).requestId();
        exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, 202);
        exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, "text/plain");
        return id;
    }

    private static String idempotencyKey(Message message) {
        Object value = message.getHeader(RequestHead.IDEMPOTENCY_KEY);
        if (value instanceof Collection) {
            throw new RefusedKeysException(400, "The request has several Idempotency-Key: send one");
        }
        return RequestHead.idempotencyKey(value == null ? null : value.toString());
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
            throw new RefusedKeysException(
                    400,
                    "expected a map with customerId and contactId, a list of such maps, or JSON, and not "
                            + (body == null ? "nothing" : body.getClass().getSimpleName()));
        }
        return bytes;
    }
}
