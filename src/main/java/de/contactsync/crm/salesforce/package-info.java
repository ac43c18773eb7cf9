/**
 * Salesforce records by external id, by the <a
 * href="https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobjects_collections.htm">REST
 * API's sObject Collections</a>: up to 200 records per call, accounts and merged records.
 */
package de.contactsync.crm.salesforce;
