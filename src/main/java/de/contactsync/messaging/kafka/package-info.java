/**
 * The source and sink of Kafka topics: a batch consumer that commits offsets after the route has completed, and a
 * publisher.
 */
package de.contactsync.messaging.kafka;
