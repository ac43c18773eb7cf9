/** Health checks and metrics on the status port, and alerts. */
package de.contactsync.observability;
