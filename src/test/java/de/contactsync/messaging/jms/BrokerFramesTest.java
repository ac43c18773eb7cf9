package de.contactsync.messaging.jms;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.message.Message;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BrokerFramesTest {

    @Test
    void rabbitmq_is_asked_for_existing_queues_and_others_by_plain_names() {
        assertThat(RabbitMq.queuePrefix("RabbitMQ", "3.10.8")).isEqualTo("/amq/queue/");
        assertThat(RabbitMq.queuePrefix("RabbitMQ", "4.1.0")).isEqualTo("/queues/");
        assertThat(RabbitMq.queuePrefix("RabbitMQ", "10.0.0")).isEqualTo("/queues/");
        assertThat(RabbitMq.queuePrefix("apache-activemq-artemis", "2.55.0")).isNull();
        assertThat(RabbitMq.queuePrefix(null, null)).isNull();
    }

    /** Once, the client library gave such a message back, by which RabbitMQ 3 ended the session, again and again. */
    @ParameterizedTest
    @ValueSource(ints = {5, 7, 8, 9, 40, 300, 3_000})
    void of_a_message_that_is_no_amqp_its_bytes_become_the_body(int length) {
        byte[] around = new byte[length + 20];
        Arrays.fill(around, (byte) 'x');
        Binary frame = new Binary(around, 10, length);

        BrokerFrames.makeReadable(frame, ByteBuffer.wrap(around.clone(), 10, length));

        Message message = Message.Factory.create();
        message.decode(frame.getArray(), frame.getArrayOffset(), frame.getLength());
        Binary body = ((Data) message.getBody()).getValue();
        assertThat(body.getLength()).isEqualTo(length - (length < 8 ? 5 : 8));
        assertThat(new String(body.getArray(), body.getArrayOffset(), body.getLength()))
                .matches("x*");
    }

    /** A key that was split into several sections once became a dead letter. */
    @Test
    void body_sections_are_turned_round_for_the_versions_of_rabbitmq_that_reverse_them() {
        assertThat(List.of("3.7.2", "3.10.8", "3.12.14")).allMatch(RabbitMq::reversesSections);
        assertThat(List.of("3.13.0", "4.0.5", "10.0.0", "null")).noneMatch(RabbitMq::reversesSections);
    }
}
