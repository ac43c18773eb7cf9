/**
 * Runs over key files and scheduled key lists: the watched folder, chunking, progress, reports, reconciliation and
 * verification.
 */
package de.contactsync.imports;
