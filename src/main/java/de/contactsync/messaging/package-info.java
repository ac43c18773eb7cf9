/**
 * The format of key requests and results in messages, whatever the broker: parsing, validation at the entrance, retries
 * of consumers while JTL or the database is unavailable.
 */
package de.contactsync.messaging;
