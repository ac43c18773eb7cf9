/** What Camel routes of users work with: beans, data formats and exceptions, and the sinks that are such routes. */
package de.contactsync.routes;
