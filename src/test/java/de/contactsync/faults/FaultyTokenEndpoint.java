package de.contactsync.faults;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.http.FaultServer;
import de.contactsync.simulator.JtlSimulator;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The simulator's token endpoint, with another answer to some of the requests. */
final class FaultyTokenEndpoint implements AutoCloseable {

    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final Pattern AUTHORIZATION = Pattern.compile("(?im)^authorization: *(.+?)\\r?$");

    private final JtlSimulator jtl;
    private final IntPredicate faulty;
    private final FaultServer.AnswerToHead fault;
    private final AtomicInteger requests = new AtomicInteger();
    private final FaultServer server = new FaultServer(this::answer);

    /** Every answer is a proper one, but comes late. */
    static FaultyTokenEndpoint slow(JtlSimulator jtl, Duration delay) throws IOException {
        return new FaultyTokenEndpoint(jtl, request -> true, (head, out, self) -> {
            self.pause((int) delay.toMillis());
            out.write(HostileJtl.json(token(jtl, head)));
        });
    }

    /** @param faulty which requests get {@code fault}, counted from 1 */
    FaultyTokenEndpoint(JtlSimulator jtl, IntPredicate faulty, FaultServer.AnswerToHead fault) throws IOException {
        this.jtl = jtl;
        this.faulty = faulty;
        this.fault = fault;
    }

    URI uri() {
        return server.uri("/oauth2/token");
    }

    int requests() {
        return requests.get();
    }

    private void answer(String head, OutputStream out, FaultServer self) throws IOException {
        if (faulty.test(requests.incrementAndGet())) {
            fault.to(head, out, self);
        } else {
            out.write(HostileJtl.json(token(jtl, head)));
        }
    }

    private static String token(JtlSimulator jtl, String head) throws IOException {
        Matcher authorization = AUTHORIZATION.matcher(head);
        assertThat(authorization.find()).as(head).isTrue();
        HttpRequest request = HttpRequest.newBuilder(URI.create(jtl.tokenApi()))
                .header("Authorization", authorization.group(1))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString("grant_type=client_credentials&scope=customers.read"))
                .build();
        try {
            HttpResponse<String> token =
                    CLIENT.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
            assertThat(token.statusCode()).isEqualTo(200);
            return token.body();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
