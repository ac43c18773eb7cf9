package de.contactsync.messaging.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.messaging.MessageValidator;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.TenantNames;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.junit.jupiter.api.Test;

class RecordReaderTest {

    /** As the library's own are, when their bytes are wrong. */
    private static final class Unreadable implements Header {

        @Override
        public String key() {
            return RecordReader.CORRELATION_ID;
        }

        @Override
        public byte[] value() {
            throw new IllegalStateException("no bytes");
        }
    }

    @Test
    void a_record_that_cannot_be_read_becomes_an_invalid_key_at_its_place() {
        ConsumerRecord<byte[], byte[]> message = new ConsumerRecord<>("keys", 3, 17, null, "{}".getBytes());
        message.headers().add(new Unreadable());

        RecordBatch.Received received = new RecordReader(new MessageValidator(TenantNames.only(null))).read(message);

        assertThat(received.offset()).isEqualTo(17);
        assertThat(received.request().id()).isEqualTo("keys-3@17");
        assertThat(received.request().entries())
                .singleElement()
                .isEqualTo(new KeyEntry.Invalid(1, "", "the record cannot be read: expected JSON"));
    }
}
