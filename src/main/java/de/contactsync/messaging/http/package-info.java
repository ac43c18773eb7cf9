/**
 * Keys that other programs send by POST /contact-keys: the server, idempotency keys
 * (draft-ietf-httpapi-idempotency-key-header), stored requests and responses to callers that wait.
 */
package de.contactsync.messaging.http;
