package de.contactsync.messaging.jms;

import java.net.URI;

/**
 * Where a broker takes AMQP 1.0 connections, and the login for them.
 *
 * @param url      {@code amqp://} or {@code amqps://}, which may carry options of Qpid JMS, or that of a
 *     {@link LocalTransport}
 * @param username or null
 * @param password or null
 */
record BrokerAddress(URI url, String username, String password) {

    /**
     * That of the settings. {@code tcp} and {@code ssl} name Artemis' ports, whose acceptors speak AMQP as well;
     * options of the client library for Artemis' own protocol mean nothing here and are left out.
     */
    static BrokerAddress of(QueueSettings settings) {
        URI url = settings.url();
        URI amqp = settings.isArtemis()
                ? URI.create((settings.isTls() ? "amqps://" : "amqp://") + url.getAuthority())
                : url;
        return new BrokerAddress(amqp, settings.username(), settings.password());
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "BrokerAddress[" + url.getAuthority() + "]";
    }
}
