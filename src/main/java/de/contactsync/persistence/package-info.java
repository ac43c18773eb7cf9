/** Runs, chunks, contacts, dead letters and quota buckets in SQLite or PostgreSQL, with their migrations. */
package de.contactsync.persistence;
