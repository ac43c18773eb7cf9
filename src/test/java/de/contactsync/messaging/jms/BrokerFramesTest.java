package de.contactsync.messaging.jms;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BrokerFramesTest {

    @Test
    void rabbitmq_is_asked_for_existing_queues_and_others_by_plain_names() {
        assertThat(BrokerFrames.queuePrefix("RabbitMQ", "3.10.8")).isEqualTo("/amq/queue/");
        assertThat(BrokerFrames.queuePrefix("RabbitMQ", "4.1.0")).isEqualTo("/queues/");
        assertThat(BrokerFrames.queuePrefix("RabbitMQ", "10.0.0")).isEqualTo("/queues/");
        assertThat(BrokerFrames.queuePrefix("apache-activemq-artemis", "2.55.0"))
                .isNull();
        assertThat(BrokerFrames.queuePrefix(null, null)).isNull();
    }
}
