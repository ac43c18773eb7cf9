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
     * becomes a dead letter. A route that begins with {@code platform-http} ends here with the answer 400 or 413, and
     * nothing is stored, where {@code POST /contact-keys} would do so; otherwise the answer is 202.
     *
     * @param exchange with a map with {@code customerId} and {@code contactId}, a list of such maps, or the same as JSON
     * @return the id that the positions of dead letters begin with; what is wrong, where the route ends
     * @throws IllegalArgumentException when it is none of these, or too much
     */
    public String accept(Exchange exchange) throws IOException {
        if (!(exchange.getFromEndpoint() instanceof PlatformHttpEndpoint)) {
            return store(json(exchange), false);
        }
        String answer;
        try {
            answer = store(json(exchange), true);
        } catch (TooManyException e) {
            OwnAnswer.problem(exchange, 413, e.getMessage());
            return exchange.getMessage().getBody(String.class);
        } catch (IllegalArgumentException e) {
            OwnAnswer.problem(exchange, 400, e.getMessage());
            return exchange.getMessage().getBody(String.class);
        }
        exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, 202);
        exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, "text/plain");
        return answer;
    }

    /** @param strict whether somebody waits who can mend what he sent */
    private String store(byte[] json, boolean strict) {
        if (json.length > MessageValidator.LARGEST) {
            throw new TooManyException(
                    "more than " + MessageValidator.LARGEST + " bytes of keys: hand over several lists");
        }
        if (strict) {
            KeyRequestParser.requireJson(json);
        }
        List<KeyEntry> entries = parser.read(false, json);
        if (entries.size() > KeyRequestParser.MOST_KEYS) {
            throw new TooManyException("more than " + KeyRequestParser.MOST_KEYS + " keys: hand over several lists");
        }
        if (entries.isEmpty()) {
            throw new IllegalArgumentException(KeyRequestParser.NO_KEY);
        }
        if (strict && entries.stream().noneMatch(KeyEntry.Valid.class::isInstance)) {
            throw new IllegalArgumentException(((KeyEntry.Invalid) entries.get(0)).problem());
        }
        return keys.accept(entries, null, null, false).requestId();
    }

    private static final class TooManyException extends IllegalArgumentException {
        private static final long serialVersionUID = 1L;

        TooManyException(String message) {
            super(message);
        }
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
