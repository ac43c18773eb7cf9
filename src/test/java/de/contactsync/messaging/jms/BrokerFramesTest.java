package de.contactsync.messaging.jms;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
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

    /** A key that was split into several sections once became a dead letter. */
    @Test
    void body_sections_are_turned_round_for_the_versions_of_rabbitmq_that_reverse_them() {
        assertThat(List.of("3.7.2", "3.10.8", "3.12.14")).allMatch(BrokerFrames::reversesSections);
        assertThat(List.of("3.13.0", "4.0.5", "10.0.0", "null")).noneMatch(BrokerFrames::reversesSections);
    }
}
