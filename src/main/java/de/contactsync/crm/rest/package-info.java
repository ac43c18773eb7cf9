/**
 * Any CRM with a JSON API, described by settings and a mapping file alone: the calls, where their responses have ids,
 * results and errors, and further steps for each contact.
 */
package de.contactsync.crm.rest;
