/** Spans for runs, calls and deliveries, by OpenTelemetry; nothing happens where no collector is configured. */
package de.contactsync.tracing;
