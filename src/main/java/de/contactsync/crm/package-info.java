/**
 * Sends contacts to a CRM, whichever it is: batches, retries, rejected contacts, removals, read-back for audits. The
 * subpackages contain what differs between CRMs.
 */
package de.contactsync.crm;
