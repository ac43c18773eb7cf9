/**
 * The one client loop of all outgoing calls: rate limits from quota headers or learned from refusals, circuit breakers,
 * retries with backoff, bulkheads, and quotas shared between processes.
 */
package de.contactsync.resilience;
