/** Settings: sources of properties, parsing, validation and the settings records. */
package de.contactsync.config;
