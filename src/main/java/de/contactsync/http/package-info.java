/**
 * The hardened HTTP client of all outgoing calls: pinned host, header allowlists, size caps, deadlines, proxy and
 * certificates. No call follows redirects or computes its address from message data.
 */
package de.contactsync.http;
