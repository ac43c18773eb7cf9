/**
 * JTL's three operations (Get Customer Contact, Query Customer Contacts, Query Customers): requests, parsers, status
 * policy, and the look-up service that retries calls, coalesces equal keys and decides whether a failure concerns a key
 * or all keys. Also the registration with JTL-Wawi on a server of one's own.
 */
package de.contactsync.jtl;
