package de.contactsync.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.util.Timeout;

/** A client with two connections behind a guard: at most 100,000 bytes in 600 ms. */
final class GuardedClient implements AutoCloseable {

    static final Duration DEADLINE = Duration.ofMillis(600);

    final HttpGuard guard;
    final PoolingHttpClientConnectionManager pool;
    final CloseableHttpClient http;

    GuardedClient(URI origin) {
        this(new HttpGuard(origin, Set.of(), 100_000, DEADLINE, Network.DIRECT));
    }

    GuardedClient(HttpGuard given) {
        guard = given;
        pool = PoolingHttpClientConnectionManagerBuilder.create()
                .setConnectionFactory(HttpGuard.boundedHeads())
                .setMaxConnTotal(2)
                .setMaxConnPerRoute(2)
                .build();
        HttpClientBuilder builder = HttpClientBuilder.create()
                .setConnectionManager(pool)
                .setDefaultRequestConfig(RequestConfig.custom()
                        .setConnectionRequestTimeout(Timeout.ofSeconds(60))
                        .setResponseTimeout(Timeout.ofSeconds(60))
                        .build());
        guard.configureHttpClient(builder);
        http = builder.build();
    }

    /** Status, a blank, the body. */
    String get(URI uri) throws IOException {
        return http.execute(
                new HttpGet(uri), response -> response.getCode() + " " + EntityUtils.toString(response.getEntity()));
    }

    void assertNothingLeft() {
        // A call that was cut off may fail a moment before the thread that did it has put the connection away.
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            assertThat(pool.getTotalStats().getLeased()).isZero();
            assertThat(guard.inFlight()).isZero();
        });
    }

    @Override
    public void close() throws IOException {
        http.close();
        guard.close();
    }
}
