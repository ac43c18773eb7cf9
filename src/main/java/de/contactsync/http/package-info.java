/** The hardened HTTP client: pinned host, header allowlists, size caps and deadlines. */
package de.contactsync.http;
