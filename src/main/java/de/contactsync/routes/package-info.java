/** What Camel routes of users are given, and the sinks that are such routes. */
package de.contactsync.routes;
