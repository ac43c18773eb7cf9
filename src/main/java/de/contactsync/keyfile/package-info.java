/**
 * Reads contact keys from CSV, JSON Lines and JSON, plain or gzipped, of any size in constant memory, and names what is
 * wrong with a record or a file.
 */
package de.contactsync.keyfile;
