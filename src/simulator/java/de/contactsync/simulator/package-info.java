/**
 * Test doubles of JTL, HubSpot and Salesforce over HTTP, with latency, quotas and faults on demand, for the demo and
 * the tests. Imports no other package.
 */
package de.contactsync.simulator;
