/** Any CRM with a JSON API, described by settings alone. */
package de.contactsync.crm.rest;
