/** Runs over key files and scheduled key lists: the watched directory, chunking, progress, reports and verification. */
package de.contactsync.imports;
