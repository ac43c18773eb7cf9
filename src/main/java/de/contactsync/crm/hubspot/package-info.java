/** HubSpot contacts and companies (CRM API v3). */
package de.contactsync.crm.hubspot;
