package de.contactsync.messaging.kafka;

import de.contactsync.messaging.KeyRequest;
import de.contactsync.messaging.MessageValidator;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;

/**
 * Takes from a record what {@link MessageValidator} wants: value and two headers. All others, and its key, are not
 * looked at.
 */
final class RecordReader {

    static final String CORRELATION_ID = "correlationId";
    static final String TRACEPARENT = "traceparent";

    private static final byte[] NOTHING = {};

    private final MessageValidator validator;

    RecordReader(MessageValidator validator) {
        this.validator = validator;
    }

    RecordBatch.Received read(ConsumerRecord<byte[], byte[]> message) {
        TopicPartition partition = new TopicPartition(message.topic(), message.partition());
        String id = partition + "@" + message.offset();
        KeyRequest request;
        try {
            request = request(message, id);
        } catch (RuntimeException e) {
            // Thrown on, it would come again with the same record forever.
            request = validator.refuse(id, null, null, NOTHING, "the record cannot be read: expected JSON");
        }
        return new RecordBatch.Received(request, partition, message.offset());
    }

    private KeyRequest request(ConsumerRecord<byte[], byte[]> message, String id) {
        String correlationId = text(message, CORRELATION_ID);
        String traceparent = text(message, TRACEPARENT);
        return message.value() == null
                ? validator.refuse(
                        id,
                        correlationId,
                        traceparent,
                        NOTHING,
                        "the record has no value: expected JSON, an object or an array of them")
                : validator.read(id, correlationId, traceparent, message.value());
    }

    private static String text(ConsumerRecord<byte[], byte[]> message, String name) {
        Header header = message.headers().lastHeader(name);
        return header == null || header.value() == null ? null : new String(header.value(), StandardCharsets.UTF_8);
    }
}
