/** The one client loop of all calls: rate limits by quota headers or refusals, breakers, backoff, shared quotas. */
package de.contactsync.resilience;
