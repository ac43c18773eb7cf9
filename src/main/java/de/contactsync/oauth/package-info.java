/** OAuth 2.0 access tokens (RFC 6749): fetched once, shared by all calls, renewed ahead of expiry. */
package de.contactsync.oauth;
