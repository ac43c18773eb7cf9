/** Messages with contact keys, whatever broker brings them: read at the door, answered as JSON. */
package de.contactsync.message;
