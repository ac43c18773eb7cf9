/**
 * The source and sinks of JMS queues over AMQP 1.0: sessions that acknowledge a batch after the route has completed,
 * publishers, the embedded Artemis and what differs between brokers.
 */
package de.contactsync.messaging.jms;
