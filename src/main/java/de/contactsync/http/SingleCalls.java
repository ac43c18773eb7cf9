package de.contactsync.http;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.Timeout;

/** A few calls of one server, one after the other, watched over by an {@link HttpGuard}. */
public final class SingleCalls implements AutoCloseable {

    private static final long MAX_BODY_BYTES = 64 * 1024;
    private static final int CONNECTIONS = 2;

    /** @param body empty where there is none */
    public record Reply(int status, String body) {

        /** Never the body, which may hold a secret. */
        @Override
        public String toString() {
            return "Reply[" + status + "]";
        }
    }

    private final HttpGuard guard;
    private final CloseableHttpClient client;

    public SingleCalls(URI server, Duration connectTimeout, Duration responseTimeout, Network network) {
        this.guard = new HttpGuard(server, Set.of(), MAX_BODY_BYTES, connectTimeout.plus(responseTimeout), network);
        HttpClientBuilder builder = HttpClientBuilder.create()
                .setConnectionManager(HttpGuard.pool(() -> guard, connectTimeout, responseTimeout, CONNECTIONS))
                .setDefaultRequestConfig(RequestConfig.custom()
                        .setConnectionRequestTimeout(Timeout.of(connectTimeout))
                        .setResponseTimeout(Timeout.of(responseTimeout))
                        .build())
                .setConnectionReuseStrategy((request, response, context) -> false);
        guard.configureHttpClient(builder);
        this.client = builder.build();
    }

    public Reply get(URI address, Map<String, String> headers) throws IOException {
        return send(new HttpUriRequestBase("GET", address), headers);
    }

    public Reply post(URI address, Map<String, String> headers, String body, String contentType) throws IOException {
        HttpUriRequestBase request = new HttpUriRequestBase("POST", address);
        request.setEntity(new StringEntity(body, ContentType.create(contentType, StandardCharsets.UTF_8)));
        return send(request, headers);
    }

    private Reply send(HttpUriRequestBase request, Map<String, String> headers) throws IOException {
        request.addHeader("Accept", "application/json");
        headers.forEach(request::addHeader);
        return client.execute(
                request,
                response -> new Reply(
                        response.getCode(),
                        response.getEntity() == null
                                ? ""
                                : new String(EntityUtils.toByteArray(response.getEntity()), StandardCharsets.UTF_8)));
    }

    @Override
    public void close() {
        client.close(CloseMode.IMMEDIATE);
        guard.close();
    }
}
