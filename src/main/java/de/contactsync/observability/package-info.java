/** Health checks and metrics on the status port. */
package de.contactsync.observability;
