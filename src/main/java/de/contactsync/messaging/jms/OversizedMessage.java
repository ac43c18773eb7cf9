package de.contactsync.messaging.jms;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.engine.Connection;
import org.apache.qpid.proton.engine.Delivery;
import org.apache.qpid.proton.engine.EndpointState;
import org.apache.qpid.proton.engine.Link;
import org.apache.qpid.proton.engine.Receiver;

/**
 * A message that arrives in many frames and is larger than any that is read. The client library would gather all of it,
 * and one message can be larger than the heap; so what has come is dropped frame by frame, and in place of the last
 * frame stands the head of the message with a body of filling: enough to refuse it under its own id.
 */
final class OversizedMessage extends BrokerFrames.Gathered {

    private static final EnumSet<EndpointState> ACTIVE = EnumSet.of(EndpointState.ACTIVE);

    /** AMQP 1.0, part 3, section 3.2.6: a section {@code data} of type {@code vbin32}, before its length. */
    static final byte[] BODY = {0x00, 0x53, 0x75, (byte) 0xb0};

    /** Ids and properties; a longer head is not kept. */
    private static final int LARGEST_HEAD = 32 * 1024;

    private OversizedMessage() {}

    /** @param begin of the message */
    static OversizedMessage of(ByteArrayOutputStream begin) {
        OversizedMessage message = new OversizedMessage();
        message.write(begin.toByteArray(), 0, Math.min(begin.size(), LARGEST_HEAD));
        return message;
    }

    /** Frees what the library holds of the delivery; called for each further frame of it. */
    static void drop(Connection connection, Binary tag) {
        for (Link link = connection.linkHead(ACTIVE, ACTIVE); link != null; link = link.next(ACTIVE, ACTIVE)) {
            Delivery current = link instanceof Receiver ? link.current() : null;
            if (current != null
                    && current.isPartial()
                    && current.pending() > 0
                    && new Binary(current.getTag()).equals(tag)) {
                ((Receiver) link).recv();
            }
        }
    }

    /**
     * Overwrites the last frame. Where the head finds no room in it, with a message without one.
     */
    void replace(Binary lastFrame, BodySections bodies) {
        byte[] message = toByteArray();
        int head = bodies.head(message);
        int filling = lastFrame.getLength() - head - BODY.length - Integer.BYTES;
        ByteBuffer target = ByteBuffer.wrap(lastFrame.getArray(), lastFrame.getArrayOffset(), lastFrame.getLength());
        if (filling >= 0) {
            target.put(message, 0, head).put(BODY).putInt(filling).put(new byte[filling]);
        } else {
            BrokerFrames.makeReadable(lastFrame, ByteBuffer.allocate(lastFrame.getLength()));
        }
    }
}
