/** Rate limiting by live quota headers, circuit breakers, backoff and quotas shared between processes. */
package de.contactsync.resilience;
