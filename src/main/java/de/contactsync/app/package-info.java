/** Wires the product together, one module class per feature. */
package de.contactsync.app;
