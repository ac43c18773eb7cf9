/**
 * State in SQLite or PostgreSQL, and nowhere else: runs, chunks, contacts, dead letters, secrets and shared quotas,
 * with their migrations and the dialects of both databases.
 */
package de.contactsync.persistence;
