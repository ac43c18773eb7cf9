/** Contact keys, contacts, chunks of keys and the outcomes of their lookups. Knows no other package. */
package de.contactsync.model;
