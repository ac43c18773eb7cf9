/**
 * Pending deliveries of changed contacts to each sink: enqueued in the transaction that stores the contact, claimed and
 * sent in batches, and completed or retried by their results. Channels do the same for dead letters, alerts and keys
 * over HTTP.
 */
package de.contactsync.outbox;
