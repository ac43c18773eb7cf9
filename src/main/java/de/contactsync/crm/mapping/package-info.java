/**
 * Maps a contact to the fields of a CRM record as a mapping file describes it: sources, templates, transformations,
 * conditions, look-up files, and who owns a field.
 */
package de.contactsync.crm.mapping;
