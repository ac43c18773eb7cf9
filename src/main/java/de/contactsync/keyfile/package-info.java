/** Reads contact keys from CSV, JSON Lines and JSON, plain or gzipped, in constant memory. */
package de.contactsync.keyfile;
