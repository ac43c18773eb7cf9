/** The commands and what they print. */
package de.contactsync.cli;
