/**
 * HubSpot contacts and their companies, by the <a
 * href="https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/guide">CRM API v3</a>: batches of up to 100,
 * duplicate e-mail addresses, merged records and properties.
 */
package de.contactsync.crm.hubspot;
