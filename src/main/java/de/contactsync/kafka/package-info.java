/** Messages by way of Kafka: keys from a topic, contacts and errors to two others. */
package de.contactsync.kafka;
