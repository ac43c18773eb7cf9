/**
 * OAuth 2.0 access tokens of every grant (RFC 6749): each is requested once, shared by all calls, renewed ahead of its
 * expiry, and dropped when a 401 rejects it. Also a person's login by authorization code with PKCE (RFC 7636) and its
 * revocation (RFC 7009).
 */
package de.contactsync.oauth;
