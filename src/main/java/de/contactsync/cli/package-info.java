/** The commands, with their options and what they print. */
package de.contactsync.cli;
