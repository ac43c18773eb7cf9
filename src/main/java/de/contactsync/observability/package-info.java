/** Health checks and Prometheus metrics on the status port, and alerts by mail, webhook and route. */
package de.contactsync.observability;
