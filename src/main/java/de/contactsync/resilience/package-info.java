/** The one client loop of all calls: rate limiting by quota headers or refusals, circuit breakers, backoff, shared quotas. */
package de.contactsync.resilience;
