package de.contactsync.messaging.jms;

import org.apache.qpid.jms.JmsDestination;
import org.apache.qpid.jms.JmsQueue;
import org.apache.qpid.jms.JmsTemporaryQueue;

/** How RabbitMQ differs from other brokers over AMQP 1.0. */
final class RabbitMq {

    /** As it names itself when a connection is opened. */
    static final String PRODUCT = "RabbitMQ";

    private RabbitMq() {}

    /**
     * The addresses of RabbitMQ 3's plugin {@code rabbitmq_amqp1_0}, or those of version 4
     * (https://www.rabbitmq.com/docs/amqp#addresses); null for other brokers. For a plain name it would declare a
     * transient queue; under these addresses it uses the one that is there.
     */
    static String queuePrefix(Object product, Object version) {
        if (product == null || !product.toString().equals(PRODUCT)) {
            return null;
        }
        return String.valueOf(version).matches("[0-3]\\..*") ? "/amq/queue/" : "/queues/";
    }

    /**
     * Whether this version delivers several body sections in reverse order. Until 3.12 its plugin handed over sections
     * in their order to be stored as fragments, which the server takes for fragments in reverse order
     * ({@code compile_body} in {@code rabbit_amqp1_0_message.erl}, {@code payload_fragments_rev}).
     */
    static boolean reversesSections(Object version) {
        return String.valueOf(version).matches("([0-2]|3\\.(\\d|1[0-2]))\\..*");
    }

    /** An address that is whole gets no prefix, as that of a temporary queue does not. */
    static JmsDestination reply(String address) {
        return address.startsWith("/queue/")
                ? new JmsQueue(address.substring("/queue/".length()))
                : new JmsTemporaryQueue(address);
    }
}
