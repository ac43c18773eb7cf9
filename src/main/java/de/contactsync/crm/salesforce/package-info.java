/** Salesforce records by external id (REST API, sObject Collections). */
package de.contactsync.crm.salesforce;
