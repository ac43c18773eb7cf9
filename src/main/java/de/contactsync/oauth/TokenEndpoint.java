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
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
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
    private final KnownSecrets secrets;
    private final TokenResponseParser reader;
    private final HttpGuard guard;
    private final CloseableHttpClient client;
    /** The access token that was given out last; one exchange at a time is made. */
    private volatile String last;

    TokenEndpoint(OAuthSettings settings, Network network) {
        this.settings = settings;
        this.secrets = new KnownSecrets(settings);
        this.reader = new TokenResponseParser(settings, secrets);
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
            case CLIENT_CREDENTIALS -> request(new ClientCredentialsGrant()).result();
            case PASSWORD ->
                request(new ResourceOwnerPasswordCredentialsGrant(grant.username(), new Secret(grant.password())))
                        .result();
            case REFRESH_TOKEN, AUTHORIZATION_CODE -> refresh(grant.refresh());
            case LOGIN -> login(grant.login());
        };
    }

    private TokenResult login(OAuthGrant.Login login) {
        HTTPRequest request = new HTTPRequest(HTTPRequest.Method.POST, settings.tokenEndpoint());
        request.setBody(login.body());
        request.setAccept(ContentType.APPLICATION_JSON.getMimeType());
        try {
            return SessionParser.read(request.send(this), settings.displayEndpoint(), login.tokenAt());
        } catch (IOException e) {
            return unanswered(e);
        }
    }

    private TokenResult refresh(RefreshTokens tokens) {
        RefreshTokens.Turn turn;
        try {
            turn = tokens.claim(last);
        } catch (ProcessingHaltedException e) {
            return new TokenResult.Unavailable("the refresh token cannot be read: " + e.getMessage(), Duration.ZERO);
        }
        if (turn instanceof RefreshTokens.Turn.None none) {
            return new TokenResult.Missing(none.remedy());
        }
        if (turn instanceof RefreshTokens.Turn.Use use) {
            RefreshTokens.Access access = use.access();
            last = access.token();
            return new TokenResult.Granted(
                    access.token(),
                    access.lifetime(),
                    access.instance() == null ? null : URI.create(access.instance()));
        }
        if (turn instanceof RefreshTokens.Turn.Spend spend) {
            return spend(spend.refreshToken(), tokens);
        }
        return new TokenResult.Unavailable("another process is renewing the token", Duration.ofSeconds(1));
    }

    private TokenResult spend(String refreshToken, RefreshTokens tokens) {
        String rotated = null;
        RefreshTokens.Access access = null;
        boolean invalid = false;
        try {
            secrets.add(refreshToken);
            Answer answer = request(new RefreshTokenGrant(new RefreshToken(refreshToken)));
            invalid = answer.invalidGrant();
            if (answer.result() instanceof TokenResult.Granted granted) {
                rotated = answer.refreshToken();
                last = granted.value();
                access = new RefreshTokens.Access(
                        granted.value(),
                        granted.lifetime(),
                        granted.instance() == null ? null : granted.instance().toString());
            }
            return invalid && ofLogin() && answer.result() instanceof TokenResult.Refused refused
                    ? new TokenResult.Missing(refused.message())
                    : answer.result();
        } finally {
            // Before the access token is used: a server that rotates does not take the old one a second time.
            if (invalid && ofLogin()) {
                tokens.refused();
            } else {
                tokens.release(rotated, access);
            }
        }
    }

    /**
     * What the server said to a grant.
     *
     * @param refreshToken to be used from then on; null when the answer has none
     * @param idToken      of OpenID Connect; null when the answer has none
     * @param invalidGrant whether it refuses code or token for good
     */
    record Answer(TokenResult result, String refreshToken, String idToken, boolean invalidGrant) {

        /** Never a token. */
        @Override
        public String toString() {
            return "Answer[" + result + "]";
        }
    }

    /** Blocks, for no longer than the deadline of the call. */
    Answer request(AuthorizationGrant grant) {
        ClientID id = new ClientID(settings.clientId());
        TokenRequest.Builder request;
        if (settings.clientSecret().isEmpty()) {
            request = new TokenRequest.Builder(settings.tokenEndpoint(), id, grant);
        } else {
            Secret secret = new Secret(settings.clientSecret());
            request = new TokenRequest.Builder(
                    settings.tokenEndpoint(),
                    settings.grant().inBody() ? new ClientSecretPost(id, secret) : new ClientSecretBasic(id, secret),
                    grant);
        }
        // What a person has agreed to stays as it is.
        if (!settings.scope().isEmpty() && !ofLogin()) {
            request.scope(Scope.parse(settings.scope()));
        }
        settings.grant().parameters().forEach(request::customParameter);
        HTTPRequest httpRequest = request.build().toHTTPRequest();
        httpRequest.setAccept(ContentType.APPLICATION_JSON.getMimeType());
        try {
            HTTPResponse response = httpRequest.send(this);
            TokenResult result = reader.read(response);
            return result instanceof TokenResult.Granted
                    ? new Answer(result, reader.refreshToken(response), reader.idToken(response), false)
                    : new Answer(result, null, null, reader.isInvalidGrant(response));
        } catch (IOException e) {
            return new Answer(unanswered(e), null, null, false);
        }
    }

    private boolean ofLogin() {
        return settings.grant().kind() == OAuthGrant.Kind.AUTHORIZATION_CODE;
    }

    private TokenResult unanswered(IOException e) {
        String problem = NetworkErrors.describe(e, settings.keys().replaceFirst("\\.oauth$", ""), "no answer");
        return new TokenResult.Unavailable(secrets.hideIn(problem), Duration.ZERO, !NetworkErrors.isUntrusted(e));
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
