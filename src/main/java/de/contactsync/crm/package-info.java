/** Sends contacts to a CRM. The CRMs themselves are in subpackages. */
package de.contactsync.crm;
