/** The format of key requests and results in messages, independent of the broker. */
package de.contactsync.messaging;
