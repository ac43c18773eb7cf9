/** Keys that other programs send over HTTP. */
package de.contactsync.messaging.http;
