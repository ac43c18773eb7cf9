/**
 * JTL's three operations (Get Customer Contact, Query Customer Contacts, Query Customers): requests, parsers, status
 * policy and the lookup service that retries and coalesces calls.
 */
package de.contactsync.jtl;
