/** Maps a contact to the fields of a CRM record, as a mapping file describes it. */
package de.contactsync.crm.mapping;
