package de.contactsync.faults;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.http.FaultServer;
import de.contactsync.product.KeyFiles;
import de.contactsync.product.Product;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A JTL that gives proper contacts, except for those contacts it was told something else for. */
final class HostileJtl implements AutoCloseable {

    /** Writes a whole HTTP answer, head and body. */
    interface Answer {
        void to(OutputStream out) throws IOException;
    }

    private static final Pattern CONTACT = Pattern.compile("GET /erp/v2/customers/[^/ ]+/contacts/([^/ ]+) ");

    private final Map<UUID, Answer> answers = new ConcurrentHashMap<>();
    private final Map<UUID, Integer> calls = new ConcurrentHashMap<>();
    private final FaultServer server = new FaultServer(this::answer);

    HostileJtl() throws IOException {}

    HostileJtl answers(KeyFiles.Key key, Answer answer) {
        answers.put(key.contactId(), answer);
        return this;
    }

    HostileJtl answers(KeyFiles.Key key, byte[] answer) {
        return answers(key, out -> out.write(answer));
    }

    int calls(KeyFiles.Key key) {
        return calls.getOrDefault(key.contactId(), 0);
    }

    /** Connections so far. */
    int connections() {
        return server.connections.get();
    }

    Product before(Product product) {
        return product.with("jtl.base-url", server.uri("/erp"))
                .with("jtl.tenant-id", Product.TENANT)
                .with("jtl.oauth.token-endpoint", server.uri("/oauth2/token"))
                .with("jtl.oauth.client-id", "demo")
                .with("jtl.oauth.client-secret", "demo");
    }

    private void answer(String head, OutputStream out, FaultServer self) throws IOException {
        Matcher contact = CONTACT.matcher(head);
        if (!contact.find()) {
            assertThat(head).startsWith("POST /oauth2/token ");
            out.write(json("{\"access_token\":\"a-token\",\"token_type\":\"Bearer\",\"expires_in\":3600}"));
            return;
        }
        UUID id = UUID.fromString(contact.group(1));
        calls.merge(id, 1, Integer::sum);
        answers.getOrDefault(id, good -> good.write(json(contact(id.toString()))))
                .to(out);
    }

    static String contact(String id) {
        return "{\"id\":\"" + id + "\",\"firstName\":\"Anna\",\"lastName\":null,\"fax\":\"\"}";
    }

    static byte[] json(String body) {
        return answer("200 OK", "Content-Type: application/json; charset=utf-8", body.getBytes(StandardCharsets.UTF_8));
    }

    /** @param header one or more, with CRLF between them; empty for none */
    static byte[] answer(String status, String header, byte[] body) {
        String head = "HTTP/1.1 " + status + "\r\n" + (header.isEmpty() ? "" : header + "\r\n") + "Content-Length: "
                + body.length + "\r\n\r\n";
        byte[] answer = new byte[head.length() + body.length];
        System.arraycopy(raw(head), 0, answer, 0, head.length());
        System.arraycopy(body, 0, answer, head.length(), body.length);
        return answer;
    }

    static byte[] raw(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
