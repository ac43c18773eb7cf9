package de.contactsync.oauth;

import java.net.URI;

/**
 * What it takes to have a person log in (RFC 6749, section 4.1), beside the {@link OAuthSettings}.
 *
 * @param authorizationEndpoint where the person's browser goes to
 * @param revocationEndpoint    where a refresh token is taken back (RFC 7009); null where there is none
 * @param redirectUri           where the browser is sent back to
 * @param issuer                that the answer must name if it names one (RFC 9207); null: the origin of the
 *                              authorization endpoint
 */
public record LoginSettings(URI authorizationEndpoint, URI revocationEndpoint, URI redirectUri, String issuer) {}
