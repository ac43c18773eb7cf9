package de.contactsync.messaging.jms;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.qpid.jms.provider.amqp.message.AmqpMessageSupport;
import org.apache.qpid.proton.amqp.messaging.AmqpSequence;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.MessageAnnotations;
import org.apache.qpid.proton.amqp.messaging.Section;
import org.apache.qpid.proton.codec.AMQPDefinedTypes;
import org.apache.qpid.proton.codec.DecoderImpl;
import org.apache.qpid.proton.codec.EncoderImpl;
import org.apache.qpid.proton.codec.TypeConstructor;

/** Finds the sections that are the body of a message (AMQP 1.0, part 3, section 3.2). Not thread-safe. */
final class BodySections {

    private final DecoderImpl decoder = new DecoderImpl();

    BodySections() {
        AMQPDefinedTypes.registerAllTypes(decoder, new EncoderImpl(decoder));
    }

    /**
     * @return the sections of a body that has several; empty where it has one or none
     * @throws RuntimeException when it is no AMQP, or nothing that the client library reads
     */
    List<Section> ifSeveral(ByteBuffer message) {
        try {
            return count(message.duplicate()) > 1 ? read(message) : List.of();
        } finally {
            decoder.setByteBuffer(null);
        }
    }

    private int count(ByteBuffer message) {
        decoder.setByteBuffer(message);
        int count = 0;
        while (message.hasRemaining()) {
            TypeConstructor<?> section = decoder.readConstructor();
            if (isBody(section.getTypeClass())) {
                count++;
            }
            if (section.getTypeClass() == Data.class) {
                section.skipValue();
            } else if (!(section.readValue() instanceof Section read) || !isKnownKind(read)) {
                throw new IllegalArgumentException("no section that the client library reads");
            }
        }
        return count;
    }

    private List<Section> read(ByteBuffer message) {
        decoder.setByteBuffer(message);
        List<Section> sections = new ArrayList<>();
        while (message.hasRemaining()) {
            Object section = decoder.readObject();
            if (isBody(section.getClass())) {
                sections.add((Section) section);
            }
        }
        return sections;
    }

    /** Bytes in front of the body; all of them where none is found. */
    int head(byte[] message) {
        ByteBuffer bytes = ByteBuffer.wrap(message);
        decoder.setByteBuffer(bytes);
        try {
            int end = 0;
            while (bytes.hasRemaining()) {
                TypeConstructor<?> section = decoder.readConstructor();
                if (isBody(section.getTypeClass())) {
                    return end;
                }
                section.skipValue();
                end = bytes.position();
            }
        } catch (RuntimeException e) {
            // No AMQP from its beginning on, or a head that alone is too large.
        } finally {
            decoder.setByteBuffer(null);
        }
        return message.length;
    }

    private static boolean isBody(Class<?> section) {
        return section == Data.class || section == AmqpSequence.class || section == AmqpValue.class;
    }

    /** What kind of JMS message it is, where a sender says so. */
    private static boolean isKnownKind(Section section) {
        Object kind = section instanceof MessageAnnotations annotations && annotations.getValue() != null
                ? annotations.getValue().get(AmqpMessageSupport.JMS_MSG_TYPE)
                : null;
        return kind == null || kind instanceof Byte known && known >= 0 && known <= AmqpMessageSupport.JMS_TEXT_MESSAGE;
    }
}
