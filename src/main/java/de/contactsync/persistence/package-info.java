/** Runs, chunks, contacts, dead letters, secrets and quota buckets in SQLite or PostgreSQL, with their migrations. */
package de.contactsync.persistence;
