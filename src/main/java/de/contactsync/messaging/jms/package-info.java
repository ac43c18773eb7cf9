/** Sources and sinks on JMS queues: Artemis, AMQP 1.0 brokers and the embedded broker. */
package de.contactsync.messaging.jms;
