package de.contactsync.messaging.jms;

import de.contactsync.model.Chunk;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.MessageChunk;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.io.IOException;
import java.util.List;

/**
 * A part of a file that another process has cut, as a {@link Chunk}; anything else as one entry that is not a valid
 * key.
 */
public final class ChunkBatchReader implements BatchReader {

    /** 10,000 lines that are not keys, of which 1 KiB each is kept, in JSON with every character escaped. */
    private static final int LARGEST = 64 * 1024 * 1024;

    @Override
    public Taken take(JMSContext session, JMSConsumer consumer, int most) throws JMSException {
        Message message = consumer.receive(KeyBatchReader.WAIT.toMillis());
        return message == null ? null : new Taken(chunk(message), most);
    }

    private static Chunk chunk(Message message) throws JMSException {
        try {
            if (message instanceof BytesMessage bytes && bytes.getBodyLength() <= LARGEST) {
                byte[] body = new byte[(int) bytes.getBodyLength()];
                bytes.readBytes(body);
                return ChunkMessageCodec.read(body);
            }
            return notOurs(message, "it is not a part of a file, or too large for one");
        } catch (IOException | RuntimeException e) {
            return notOurs(message, e.getMessage());
        }
    }

    private static Chunk notOurs(Message message, String problem) throws JMSException {
        KeyEntry entry = new KeyEntry.Invalid(1, "", "the message was not sent by this program: " + problem);
        return new MessageChunk(QueueBatch.SOURCE, List.of(entry), List.of(String.valueOf(message.getJMSMessageID())));
    }
}
