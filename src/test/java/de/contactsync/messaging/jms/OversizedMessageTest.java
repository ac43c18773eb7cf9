package de.contactsync.messaging.jms;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.message.Message;
import org.junit.jupiter.api.Test;

/** Once, a message larger than the heap was gathered whole, and what that broke was told as a broker out of reach. */
class OversizedMessageTest {

    private final BodySections bodies = new BodySections();

    private static ByteArrayOutputStream begin(int bytes) {
        Message message = Message.Factory.create();
        message.setMessageId("mine");
        message.setCorrelationId("7");
        message.setReplyTo("answers");
        message.setBody(new Data(new Binary(new byte[bytes])));
        byte[] encoded = new byte[bytes + 1_000];
        ByteArrayOutputStream begin = new ByteArrayOutputStream();
        begin.write(encoded, 0, message.encode(encoded, 0, encoded.length));
        return begin;
    }

    private static Message read(Binary frame) {
        Message message = Message.Factory.create();
        message.decode(frame.getArray(), frame.getArrayOffset(), frame.getLength());
        return message;
    }

    /** Once, messages sent ahead to eight consumers could be larger together than a small heap. */
    @Test
    void messages_sent_ahead_fit_into_a_part_of_the_heap() {
        assertThat(QueueConnections.ahead(64, 90L << 20, 8)).isEqualTo(2);
        assertThat(QueueConnections.ahead(4, 90L << 20, 32)).isEqualTo(1);
        assertThat(QueueConnections.ahead(4, 4L << 30, 8)).isEqualTo(4);
        assertThat(QueueConnections.ahead(64, 4L << 30, 8)).isEqualTo(64);
    }

    @Test
    void its_last_frame_becomes_a_message_of_the_same_head() {
        byte[] bytes = new byte[5_000];
        Arrays.fill(bytes, (byte) 7);
        Binary frame = new Binary(bytes, 100, 4_000);

        OversizedMessage.of(begin(3_000_000)).replace(frame, bodies);

        Message message = read(frame);
        assertThat(message.getMessageId()).isEqualTo("mine");
        assertThat(message.getCorrelationId()).isEqualTo("7");
        assertThat(message.getReplyTo()).isEqualTo("answers");
        assertThat(((Data) message.getBody()).getValue().getLength()).isBetween(3_800, 4_000);
        assertThat(Arrays.copyOf(bytes, 100)).containsOnly(7);
        assertThat(Arrays.copyOfRange(bytes, 4_100, 5_000)).containsOnly(7);
    }

    @Test
    void a_frame_too_short_for_that_is_a_message_without_a_head() {
        Binary frame = new Binary(new byte[20]);

        OversizedMessage.of(begin(3_000_000)).replace(frame, bodies);

        assertThat(((Data) read(frame).getBody()).getValue()).isEqualTo(new Binary(new byte[12]));
    }
}
