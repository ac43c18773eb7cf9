/**
 * OpenTelemetry spans for runs, calls and deliveries, and the traceparent of messages (W3C Trace Context). Does nothing
 * unless a collector is configured.
 */
package de.contactsync.tracing;
