package de.contactsync.observability;

import com.fasterxml.jackson.databind.ObjectMapper;
import de.contactsync.http.HttpGuard;
import de.contactsync.http.Network;
import de.contactsync.routes.ChannelRoute;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Posts each alert as a JSON object, whose {@code text} chats such as Slack and Teams show. */
final class AlertWebhook implements ChannelRoute.Receiver, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(AlertWebhook.class);

    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration ANSWER = Duration.ofSeconds(20);
    private static final Duration DEADLINE = Duration.ofSeconds(30);
    /** It is not kept: some answer with a whole page. */
    private static final long LARGEST_ANSWER = 16 * 1024 * 1024;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final URI address;
    private final HttpGuard guard;
    private final CloseableHttpClient client;

    /** @param address a secret */
    AlertWebhook(URI address, Network network) {
        this.address = address;
        this.guard = new HttpGuard(address, Set.of(), LARGEST_ANSWER, DEADLINE, network);
        HttpClientBuilder builder = HttpClientBuilder.create()
                .setConnectionManager(HttpGuard.pool(() -> guard, CONNECT, ANSWER, 1))
                .setDefaultRequestConfig(RequestConfig.custom()
                        .setConnectionRequestTimeout(Timeout.of(CONNECT))
                        .setResponseTimeout(Timeout.of(ANSWER))
                        .build())
                .setConnectionReuseStrategy((request, response, context) -> false);
        guard.configureHttpClient(builder);
        this.client = builder.build();
    }

    @Override
    public void take(Map<String, Object> alert) throws IOException {
        HttpPost post = new HttpPost(address);
        post.setEntity(new StringEntity(JSON.writeValueAsString(alert), ContentType.APPLICATION_JSON));
        AtomicInteger answered = new AtomicInteger();
        try {
            client.execute(post, response -> {
                answered.set(response.getCode());
                if (isSuccess(response.getCode())) {
                    // What else it says is of no use, and may not come before the timeout.
                    post.cancel();
                }
                return null;
            });
        } catch (IOException e) {
            // Whoever has said 2xx has the alert.
            if (!isSuccess(answered.get())) {
                throw e;
            }
            LOG.debug("the answer of the webhook could not be read to its end", e);
        }
        if (!isSuccess(answered.get())) {
            throw new IOException("the webhook answers " + answered);
        }
    }

    private static boolean isSuccess(int status) {
        return status / 100 == 2;
    }

    @Override
    public void close() {
        client.close(CloseMode.IMMEDIATE);
        guard.close();
    }
}
