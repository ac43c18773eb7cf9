/** Doubles of JTL, HubSpot and Salesforce for the demo and the tests. Knows no other package. */
package de.contactsync.simulator;
