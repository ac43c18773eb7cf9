/**
 * Contact keys, contacts, chunks of keys and the outcomes of their look-ups: data that all other packages pass to each
 * other. Imports no other package.
 */
package de.contactsync.model;
