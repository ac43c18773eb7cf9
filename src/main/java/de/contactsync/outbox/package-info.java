/**
 * Deliveries of changed contacts to a sink: enqueued in the transaction that stores the contact, polled and settled in
 * batches.
 */
package de.contactsync.outbox;
