package de.contactsync.jtl;

import com.nimbusds.oauth2.sdk.ClientCredentialsGrant;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.auth.Secret;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.http.HTTPRequestSender;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.http.ReadOnlyHTTPRequest;
import com.nimbusds.oauth2.sdk.id.ClientID;
import de.contactsync.http.HttpGuard;
import de.contactsync.http.Network;
import de.contactsync.http.NoAnswer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.Timeout;

/**
 * The token endpoint of RFC 6749, section 3.2, asked with the client credentials grant. Id and secret go into a Basic
 * header, form-encoded first as section 2.3.1 has it, so that any character arrives.
 */
final class TokenEndpoint implements TokenExchange, HTTPRequestSender {

    /** A token is a few KiB. */
    private static final long MAX_BODY_BYTES = 64 * 1024;

    /** One request at a time is made; a call that was cut off may hold another connection for a moment. */
    private static final int CONNECTIONS = 2;

    private static final ContentType FORM = ContentType.create("application/x-www-form-urlencoded");

    private final OAuthSettings settings;
    private final TokenAnswerReader reader;
    private final HttpGuard guard;
    private final CloseableHttpClient client;

    TokenEndpoint(OAuthSettings settings, Network network) {
        this.settings = settings;
        this.reader = new TokenAnswerReader(settings);
        this.guard = new HttpGuard(
                settings.tokenEndpoint(), Set.of(), MAX_BODY_BYTES, settings.deadline(), network);
        HttpClientBuilder builder = HttpClientBuilder.create()
                .setConnectionManager(
                        HttpGuard.pool(() -> guard, settings.connectTimeout(), settings.responseTimeout(), CONNECTIONS))
                .setDefaultRequestConfig(RequestConfig.custom()
                        .setConnectionRequestTimeout(timeout(settings.connectTimeout()))
                        .setResponseTimeout(timeout(settings.responseTimeout()))
                        .build())
                // One call an hour: a connection kept so long would be dead when it is wanted.
                .setConnectionReuseStrategy((request, response, context) -> false);
        guard.configureHttpClient(builder);
        this.client = builder.build();
    }

    private static Timeout timeout(Duration duration) {
        return Timeout.of(duration);
    }

    @Override
    public TokenAnswer request() {
        TokenRequest request = new TokenRequest(
                settings.tokenEndpoint(),
                new ClientSecretBasic(new ClientID(settings.clientId()), new Secret(settings.clientSecret())),
                new ClientCredentialsGrant(),
                settings.scope().isEmpty() ? null : Scope.parse(settings.scope()));
        HTTPRequest httpRequest = request.toHTTPRequest();
        httpRequest.setAccept(ContentType.APPLICATION_JSON.getMimeType());
        try {
            return reader.read(httpRequest.send(this));
        } catch (IOException e) {
            return new TokenAnswer.Unavailable("no answer: " + reader.tidy(NoAnswer.describe(e)), Duration.ZERO);
        }
    }

    /** Sends through the guarded client what the OAuth library has put together. */
    @Override
    public HTTPResponse send(ReadOnlyHTTPRequest request) throws IOException {
        HttpUriRequestBase post = new HttpUriRequestBase(request.getMethod().name(), request.getURI());
        for (Map.Entry<String, List<String>> header : request.getHeaderMap().entrySet()) {
            if (!header.getKey().equalsIgnoreCase("Content-Type")) {
                header.getValue().forEach(value -> post.addHeader(header.getKey(), value));
            }
        }
        post.setEntity(new StringEntity(request.getBody(), FORM));
        return client.execute(post, TokenEndpoint::received);
    }

    private static HTTPResponse received(ClassicHttpResponse from) throws IOException {
        HTTPResponse response = new HTTPResponse(from.getCode());
        for (Header header : from.getHeaders()) {
            response.setHeader(header.getName(), header.getValue());
        }
        byte[] body = from.getEntity() == null ? null : EntityUtils.toByteArray(from.getEntity());
        // JSON is UTF-8 whatever the header says (RFC 8259, section 8.1).
        response.setBody(body == null ? "" : new String(body, StandardCharsets.UTF_8));
        return response;
    }

    @Override
    public void close() {
        client.close(CloseMode.IMMEDIATE);
        guard.close();
    }
}
