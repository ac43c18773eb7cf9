/**
 * Wires the program together, with one module class per feature: builds the Camel context, its beans and routes from
 * the settings, for camel-main and Quarkus alike.
 */
package de.contactsync.app;
