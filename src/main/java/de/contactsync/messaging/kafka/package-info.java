/** Sources and sinks on Kafka topics. */
package de.contactsync.messaging.kafka;
