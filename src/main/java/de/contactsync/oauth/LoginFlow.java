package de.contactsync.oauth;

import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.JWTParser;
import com.nimbusds.oauth2.sdk.AuthorizationCode;
import com.nimbusds.oauth2.sdk.AuthorizationCodeGrant;
import com.nimbusds.oauth2.sdk.AuthorizationRequest;
import com.nimbusds.oauth2.sdk.AuthorizationResponse;
import com.nimbusds.oauth2.sdk.ErrorObject;
import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.ResponseType;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.TokenRevocationRequest;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.auth.Secret;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.State;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import com.nimbusds.oauth2.sdk.token.RefreshToken;
import com.nimbusds.openid.connect.sdk.Nonce;
import de.contactsync.http.Network;
import de.contactsync.http.NetworkErrors;
import de.contactsync.http.SingleCalls;
import de.contactsync.model.ProcessingHaltedException;
import java.io.IOException;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One login of a person by authorization code with PKCE (RFC 6749 section 4.1, RFC 7636, RFC 9207), from the address of
 * the login page to the refresh token.
 */
public final class LoginFlow implements AutoCloseable {

    private static final int LONGEST_QUOTE = 200;

    private static final String KEPT =
            ". The login was not deleted here: run logout again, or unset jtl.oauth.revocation-endpoint to"
                    + " delete it here and leave it valid at JTL";

    /**
     * @param refreshToken to be kept
     * @param who          for people, as the id token names them; null where there is none
     */
    public record LoggedIn(String refreshToken, String who) {

        /** Never the token. */
        @Override
        public String toString() {
            return "LoggedIn[" + who + "]";
        }
    }

    private final OAuthSettings oauth;
    private final LoginSettings login;
    private final URI redirectUri;
    private final TokenEndpoint endpoint;
    private final State state = new State();
    private final Nonce nonce = new Nonce();
    private final CodeVerifier verifier = new CodeVerifier();

    /** @param redirectUri that of the settings, with the port that was found if they name none */
    public LoginFlow(OAuthSettings oauth, LoginSettings login, URI redirectUri, Network network) {
        this.oauth = oauth;
        this.login = login;
        this.redirectUri = redirectUri;
        this.endpoint = new TokenEndpoint(oauth, network);
    }

    /** Where the person's browser goes to. */
    public URI address() {
        AuthorizationRequest.Builder request = new AuthorizationRequest.Builder(
                        ResponseType.CODE, new ClientID(oauth.clientId()))
                .endpointURI(login.authorizationEndpoint())
                .redirectionURI(redirectUri)
                .state(state)
                .codeChallenge(verifier, CodeChallengeMethod.S256);
        Scope scope = Scope.parse(oauth.scope());
        if (scope != null && !scope.isEmpty()) {
            request.scope(scope);
            if (scope.contains("openid")) {
                request.customParameter("nonce", nonce.getValue());
            }
        }
        return request.build().toURI();
    }

    /**
     * Whether this is the answer to this login; anybody can send us anything.
     *
     * @param redirect the address that the browser was sent back to
     */
    public boolean isOurs(URI redirect) {
        try {
            return state.equals(AuthorizationResponse.parse(redirect).getState());
        } catch (ParseException | RuntimeException e) {
            return false;
        }
    }

    /**
     * Exchanges the code that the browser brought back.
     *
     * @throws ProcessingHaltedException when nobody was logged in; says in words why, and what to do
     */
    public LoggedIn complete(URI redirect) {
        AuthorizationResponse response;
        try {
            response = AuthorizationResponse.parse(redirect);
        } catch (ParseException | RuntimeException e) {
            throw new ProcessingHaltedException(
                    "That is not the address that JTL redirected the browser to: it has neither a code nor an error");
        }
        if (!state.equals(response.getState())) {
            throw new ProcessingHaltedException("The answer does not belong to this login (its state is another): run"
                    + " login again, and use the address that it prints");
        }
        checkIssuer(response);
        if (!response.indicatesSuccess()) {
            throw refused(response.toErrorResponse().getErrorObject());
        }
        AuthorizationCode code = response.toSuccessResponse().getAuthorizationCode();
        if (code == null) {
            throw new ProcessingHaltedException("JTL redirected the browser without a code: run login again");
        }
        TokenEndpoint.Answer answer = endpoint.request(new AuthorizationCodeGrant(code, redirectUri, verifier));
        if (answer.result() instanceof TokenResult.Refused refused) {
            throw new ProcessingHaltedException(
                    answer.invalidGrant()
                            ? "JTL rejected the code of this login, which is valid once and for a few minutes: run"
                                    + " login again"
                            : refused.message());
        }
        if (answer.result() instanceof TokenResult.Unavailable unavailable) {
            throw new ProcessingHaltedException("The code of this login could not be exchanged at "
                    + oauth.displayEndpoint() + ": " + unavailable.message() + ". Run login again");
        }
        if (answer.refreshToken() == null) {
            throw new ProcessingHaltedException(
                    "JTL issued no refresh token, without which the login ends within hours: add offline_access to"
                            + " jtl.oauth.scope, and allow it for the app");
        }
        return new LoggedIn(answer.refreshToken(), who(answer.idToken()));
    }

    private void checkIssuer(AuthorizationResponse response) {
        if (response.getIssuer() == null) {
            return;
        }
        String issuer = response.getIssuer().getValue();
        boolean expected = login.issuer() != null
                ? login.issuer().equals(issuer)
                : origin(login.authorizationEndpoint()).equals(origin(URI.create(issuer)));
        if (!expected) {
            throw new ProcessingHaltedException("The answer names another issuer than expected (" + quoted(issuer)
                    + "): run login again; if that is the right one, set jtl.oauth.issuer");
        }
    }

    private static String origin(URI uri) {
        return uri.getScheme() + "://" + uri.getAuthority();
    }

    private static ProcessingHaltedException refused(ErrorObject error) {
        String code = error == null ? "no reason" : String.valueOf(error.getCode());
        return new ProcessingHaltedException(
                switch (code) {
                    case "access_denied" -> "The login was refused: somebody declined, or may not use this app";
                    case "invalid_scope" -> "JTL does not allow the app these permissions: check jtl.oauth.scope";
                    case "unauthorized_client", "unsupported_response_type" ->
                        "JTL does not let people log in to this app: check jtl.oauth.client-id, and the app in JTL's"
                                + " Partner Portal";
                    default ->
                        "JTL refused the login: " + quoted(code)
                                + (error == null || error.getDescription() == null
                                        ? ""
                                        : " (" + quoted(error.getDescription()) + ")");
                });
    }

    /** Comes from a browser. */
    private static String quoted(String text) {
        String line = text.replaceAll("\\p{Cntrl}+", " ");
        return line.length() <= LONGEST_QUOTE ? line : line.substring(0, LONGEST_QUOTE) + "…";
    }

    /** The token came from the token endpoint itself, which stands for its signature (OpenID Connect Core, 3.1.3.7). */
    private String who(String idToken) {
        if (idToken == null) {
            return null;
        }
        try {
            JWTClaimsSet claims = JWTParser.parse(idToken).getJWTClaimsSet();
            String sent = claims.getStringClaim("nonce");
            if (sent != null && !sent.equals(nonce.getValue())
                    || !claims.getAudience().contains(oauth.clientId())) {
                throw new ProcessingHaltedException(
                        "The id token belongs to another login or another app: run login again");
            }
            for (String claim : List.of("email", "preferred_username", "name", "sub")) {
                String value = claims.getClaim(claim) instanceof String text ? text : null;
                if (value != null && !value.isBlank()) {
                    return quoted(value);
                }
            }
            return null;
        } catch (java.text.ParseException e) {
            return null;
        }
    }

    /**
     * Takes a refresh token back (RFC 7009), and with it the login.
     *
     * @throws ProcessingHaltedException when the server did not do so
     */
    public static void revoke(OAuthSettings oauth, LoginSettings login, String refreshToken, Network network) {
        ClientID id = new ClientID(oauth.clientId());
        RefreshToken token = new RefreshToken(refreshToken);
        HTTPRequest request = (oauth.clientSecret().isEmpty()
                        ? new TokenRevocationRequest(login.revocationEndpoint(), id, token)
                        : new TokenRevocationRequest(
                                login.revocationEndpoint(),
                                new ClientSecretBasic(id, new Secret(oauth.clientSecret())),
                                token))
                .toHTTPRequest();
        Map<String, String> headers = new HashMap<>();
        request.getHeaderMap().forEach((name, values) -> {
            if (!name.equalsIgnoreCase("Content-Type")) {
                headers.put(name, values.get(0));
            }
        });
        try (SingleCalls calls =
                new SingleCalls(login.revocationEndpoint(), oauth.connectTimeout(), oauth.responseTimeout(), network)) {
            int status = calls.post(
                            login.revocationEndpoint(), headers, request.getBody(), "application/x-www-form-urlencoded")
                    .status();
            if (status / 100 != 2) {
                throw new ProcessingHaltedException("JTL did not revoke the login (HTTP " + status
                        + "): check jtl.oauth.revocation-endpoint and jtl.oauth.client-id" + KEPT);
            }
        } catch (IOException e) {
            throw new ProcessingHaltedException(
                    "The login could not be revoked at JTL: " + NetworkErrors.describe(e, "jtl") + KEPT);
        }
    }

    @Override
    public void close() {
        endpoint.close();
    }
}
