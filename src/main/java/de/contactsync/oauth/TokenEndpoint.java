package de.contactsync.oauth;

import com.nimbusds.oauth2.sdk.AuthorizationGrant;
import com.nimbusds.oauth2.sdk.ClientCredentialsGrant;
import com.nimbusds.oauth2.sdk.RefreshTokenGrant;
import com.nimbusds.oauth2.sdk.ResourceOwnerPasswordCredentialsGrant;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.auth.ClientSecretPost;
import com.nimbusds.oauth2.sdk.auth.Secret;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.http.HTTPRequestSender;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.http.ReadOnlyHTTPRequest;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.token.RefreshToken;
import de.contactsync.http.HttpGuard;
import de.contactsync.http.Network;
import de.contactsync.http.NetworkErrors;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.RefreshTokens;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
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
 * The token endpoint of RFC 6749, section 3.2. Id and secret go into a Basic header, form-encoded first as section
 * 2.3.1 has it, so that any character arrives; or into the body, where the {@link OAuthGrant} says so.
 */
final class TokenEndpoint implements TokenClient, HTTPRequestSender {

    /** A token is a few KiB. */
    private static final long MAX_BODY_BYTES = 64 * 1024;

    /** One request at a time is made; a call that was cut off may hold another connection for a moment. */
    private static final int CONNECTIONS = 2;

    private static final ContentType FORM = ContentType.create("application/x-www-form-urlencoded");

    private final OAuthSettings settings;
    private final TokenResponseParser reader;
    private final HttpGuard guard;
    private final CloseableHttpClient client;

    TokenEndpoint(OAuthSettings settings, Network network) {
        this.settings = settings;
        this.reader = new TokenResponseParser(settings);
        this.guard = new HttpGuard(settings.tokenEndpoint(), Set.of(), MAX_BODY_BYTES, settings.deadline(), network);
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
    public TokenResult request() {
        OAuthGrant grant = settings.grant();
        return switch (grant.kind()) {
            case CLIENT_CREDENTIALS -> request(new ClientCredentialsGrant(), rotated -> {});
            case PASSWORD ->
                request(
                        new ResourceOwnerPasswordCredentialsGrant(grant.username(), new Secret(grant.password())),
                        rotated -> {});
            case REFRESH_TOKEN -> refresh(grant.refresh());
            case LOGIN -> login(grant.login());
        };
    }

    private TokenResult login(OAuthGrant.Login login) {
        HTTPRequest request = new HTTPRequest(HTTPRequest.Method.POST, settings.tokenEndpoint());
        request.setBody(login.body());
        request.setAccept(ContentType.APPLICATION_JSON.getMimeType());
        try {
            return reader.session(request.send(this), login.tokenAt());
        } catch (IOException e) {
            return unanswered(e);
        }
    }

    private TokenResult refresh(RefreshTokens tokens) {
        Optional<String> token;
        try {
            token = tokens.claim();
        } catch (ProcessingHaltedException e) {
            return new TokenResult.Unavailable("the refresh token cannot be read: " + e.getMessage(), Duration.ZERO);
        }
        if (token.isEmpty()) {
            return new TokenResult.Unavailable("another process is renewing the token", Duration.ofSeconds(1));
        }
        AtomicReference<String> rotated = new AtomicReference<>();
        try {
            reader.hide(token.get());
            return request(new RefreshTokenGrant(new RefreshToken(token.get())), rotated::set);
        } finally {
            // Before the access token is used: a server that rotates does not take the old one a second time.
            tokens.release(rotated.get());
        }
    }

    /** @param rotated takes a refresh token that the answer has */
    private TokenResult request(AuthorizationGrant grant, Consumer<String> rotated) {
        ClientID id = new ClientID(settings.clientId());
        Secret secret = new Secret(settings.clientSecret());
        TokenRequest.Builder request = new TokenRequest.Builder(
                settings.tokenEndpoint(),
                settings.grant().inBody() ? new ClientSecretPost(id, secret) : new ClientSecretBasic(id, secret),
                grant);
        if (!settings.scope().isEmpty()) {
            request.scope(Scope.parse(settings.scope()));
        }
        settings.grant().parameters().forEach(request::customParameter);
        HTTPRequest httpRequest = request.build().toHTTPRequest();
        httpRequest.setAccept(ContentType.APPLICATION_JSON.getMimeType());
        try {
            HTTPResponse response = httpRequest.send(this);
            TokenResult answer = reader.read(response);
            if (answer instanceof TokenResult.Granted) {
                reader.refreshToken(response).ifPresent(rotated);
            }
            return answer;
        } catch (IOException e) {
            return unanswered(e);
        }
    }

    private TokenResult unanswered(IOException e) {
        String problem = NetworkErrors.describe(e, settings.keys().replaceFirst("\\.oauth$", ""));
        return new TokenResult.Unavailable("no answer: " + reader.withoutSecrets(problem), Duration.ZERO);
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
        OAuthGrant.Login login = settings.grant().login();
        post.setEntity(new StringEntity(
                request.getBody(),
                login == null ? FORM : ContentType.create(login.contentType(), StandardCharsets.UTF_8)));
        return client.execute(post, TokenEndpoint::received);
    }

    private static HTTPResponse received(ClassicHttpResponse from) throws IOException {
        HTTPResponse response = new HTTPResponse(from.getCode());
        for (Header header : from.getHeaders()) {
            response.setHeader(
                    header.getName(),
                    Arrays.stream(from.getHeaders(header.getName()))
                            .map(Header::getValue)
                            .toArray(String[]::new));
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
