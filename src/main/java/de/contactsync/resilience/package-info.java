/** The one client loop of all calls: rate limiting by live quota headers, circuit breakers, backoff, shared quotas. */
package de.contactsync.resilience;
