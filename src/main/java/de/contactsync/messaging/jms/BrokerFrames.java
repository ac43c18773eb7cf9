package de.contactsync.messaging.jms;

import de.contactsync.messaging.MessageValidator;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.apache.qpid.jms.JmsDestination;
import org.apache.qpid.jms.message.JmsInboundMessageDispatch;
import org.apache.qpid.jms.message.facade.JmsMessageFacade;
import org.apache.qpid.jms.meta.JmsSessionInfo;
import org.apache.qpid.jms.provider.ProviderException;
import org.apache.qpid.jms.provider.ProviderListener;
import org.apache.qpid.jms.provider.amqp.AmqpProvider;
import org.apache.qpid.jms.provider.amqp.AmqpSupport;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Section;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Open;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.apache.qpid.proton.engine.Delivery;
import org.apache.qpid.proton.engine.impl.ProtocolTracer;
import org.apache.qpid.proton.engine.impl.TransportImpl;
import org.apache.qpid.proton.framing.TransportFrame;

/**
 * Reads from the frames of one connection what the client library does not hand over: which product the broker is, and
 * the body sections of a message that has several, of which the library keeps only the last. Runs in the connection's
 * own thread.
 */
final class BrokerFrames implements ProtocolTracer {

    /** In the tracing context of a message: a list of its body sections, where it has several or is too large. */
    static final String SECTIONS = "jtl-contact-sync.sections";

    static final String ARTEMIS = "apache-activemq-artemis";

    private static final Symbol VERSION = Symbol.valueOf("version");
    /** A body and its head; larger messages of senders are refused anyway, whatever their sections are. */
    static final int LARGEST = MessageValidator.LARGEST + 64 * 1024;
    /** A chunk of the most keys there may be. */
    private static final int LARGEST_CHUNK = 2 * 1024 * 1024;
    /** AMQP 1.0, part 3, section 3.2.6: a section {@code data} of type {@code vbin8}, before its length. */
    private static final byte[] SHORT_BODY = {0x00, 0x53, 0x75, (byte) 0xa0};

    /** Messages between their frame and their dispatch; those that the library cannot decode are never dispatched. */
    private static final int MOST_PENDING = 1_000;

    private final AmqpProvider provider;
    private final AtomicReference<String> productSeen;
    private final String chunks;
    private final Map<Long, Integer> largest = new HashMap<>();
    private final BodySections bodies = new BodySections();
    private final Map<Long, Partial> partial = new HashMap<>();
    private final Map<Binary, List<Section>> pending = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Binary, List<Section>> eldest) {
            return size() > MOST_PENDING;
        }
    };
    private boolean rabbitMq;
    private boolean sectionsReversed;

    private record Partial(Binary tag, Gathered bytes) {}

    /** The frames of a message that have come, to be looked at without a copy. */
    static class Gathered extends ByteArrayOutputStream {

        ByteBuffer view() {
            return ByteBuffer.wrap(buf, 0, count);
        }
    }

    private BrokerFrames(AmqpProvider provider, String chunks, AtomicReference<String> productSeen) {
        this.chunks = chunks;
        this.provider = provider;
        this.productSeen = productSeen;
    }

    /**
     * Before the connection is opened.
     *
     * @param chunks      the queue of chunks, whose messages may be larger
     * @param productSeen set when it is open
     */
    static void listenTo(AmqpProvider provider, String chunks, AtomicReference<String> productSeen) {
        ((TransportImpl) provider.getProtonTransport())
                .setProtocolTracer(new BrokerFrames(provider, chunks, productSeen));
    }

    @Override
    public void receivedFrame(TransportFrame frame) {
        if (frame.getBody() instanceof Transfer transfer) {
            received(transfer, frame);
        } else if (frame.getBody() instanceof Attach attach) {
            attached(attach, frame);
        } else if (frame.getBody() instanceof Open open) {
            opened(open);
        }
    }

    @Override
    public void sentFrame(TransportFrame frame) {
        // Only what the broker says matters.
    }

    /** The client library takes the prefix of queues from the properties of the connection. */
    private void opened(Open open) {
        // A full queue stops its senders by the credit of its own link; over the relay for any queue, Artemis goes by
        // whichever queue was sent to last.
        open.setOfferedCapabilities(Stream.ofNullable(open.getOfferedCapabilities())
                .flatMap(Stream::of)
                .filter(capability -> !AmqpSupport.ANONYMOUS_RELAY.equals(capability))
                .toArray(Symbol[]::new));
        Map<?, ?> given = open.getProperties() == null ? Map.of() : open.getProperties();
        String prefix = RabbitMq.queuePrefix(given.get(AmqpSupport.PRODUCT), given.get(VERSION));
        rabbitMq = prefix != null;
        sectionsReversed = rabbitMq && RabbitMq.reversesSections(given.get(VERSION));
        productSeen.set(String.valueOf(given.get(AmqpSupport.PRODUCT)));
        if (rabbitMq) {
            Map<Object, Object> properties = new HashMap<>(given);
            properties.put(AmqpSupport.QUEUE_PREFIX, prefix);
            open.setProperties(properties);
        }
        ProviderListener listener = provider.getProviderListener();
        provider.setProviderListener((ProviderListener) Proxy.newProxyInstance(
                ProviderListener.class.getClassLoader(),
                new Class<?>[] {ProviderListener.class},
                (proxy, method, arguments) -> {
                    if (arguments.length == 1 && arguments[0] instanceof JmsInboundMessageDispatch message) {
                        complete(message);
                    }
                    if (arguments.length == 2
                            && arguments[0] instanceof JmsSessionInfo
                            && arguments[1] instanceof ProviderException ended) {
                        // The library would let whoever opens something in that session wait until its time-out.
                        listener.onConnectionFailure(ended);
                        return null;
                    }
                    try {
                        return method.invoke(listener, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    private void attached(Attach attach, TransportFrame frame) {
        if (attach.getSource() instanceof Source source && source.getAddress() != null) {
            boolean isOfChunks = source.getAddress().endsWith(chunks);
            largest.put(link(frame, attach.getHandle()), isOfChunks ? LARGEST_CHUNK : LARGEST);
        }
    }

    private static long link(TransportFrame frame, UnsignedInteger handle) {
        return (long) frame.getChannel() << 32 | handle.longValue();
    }

    private void received(Transfer transfer, TransportFrame frame) {
        long link = link(frame, transfer.getHandle());
        Partial begun = partial.remove(link);
        if (transfer.getAborted()) {
            return;
        }
        Binary payload = frame.getPayload() == null ? new Binary(new byte[0]) : frame.getPayload();
        if (begun == null && !transfer.getMore()) {
            if (!look(transfer.getDeliveryTag(), payload.asByteBuffer())) {
                makeReadable(payload, payload.asByteBuffer());
            }
            return;
        }
        Partial now = begun == null ? new Partial(transfer.getDeliveryTag(), new Gathered()) : begun;
        boolean oversized = now.bytes() instanceof OversizedMessage;
        if (oversized) {
            OversizedMessage.drop(provider.getProtonConnection(), now.tag());
        } else {
            now.bytes().write(payload.getArray(), payload.getArrayOffset(), payload.getLength());
        }
        boolean tooLarge = oversized || now.bytes().size() > largest.getOrDefault(link, LARGEST_CHUNK);
        if (transfer.getMore()) {
            partial.put(link, tooLarge && !oversized ? new Partial(now.tag(), OversizedMessage.of(now.bytes())) : now);
        } else if (oversized) {
            ((OversizedMessage) now.bytes()).replace(payload, bodies);
            pending.put(now.tag(), List.of());
        } else if (tooLarge) {
            pending.put(now.tag(), List.of());
        } else if (!look(now.tag(), now.bytes().view())) {
            OversizedMessage.drop(provider.getProtonConnection(), now.tag());
            makeReadable(payload, now.bytes().view());
        }
    }

    /** False when it is no AMQP. */
    private boolean look(Binary tag, ByteBuffer message) {
        try {
            List<Section> sections = bodies.ifSeveral(message);
            if (!sections.isEmpty()) {
                if (sectionsReversed) {
                    Collections.reverse(sections);
                }
                pending.put(tag, sections);
            }
            return true;
        } catch (RuntimeException e) {
            return false;
        }
    }

    /**
     * Makes of the last frame of a message that is no AMQP one whose body are its bytes, as far as they find room, so
     * that it can be refused. The library would give it back in a way that ends the session with RabbitMQ 3, which then
     * sends it again, and so on for ever.
     */
    static void makeReadable(Binary lastFrame, ByteBuffer message) {
        byte[] bytes = new byte[message.remaining()];
        message.get(bytes);
        int room = lastFrame.getLength() - OversizedMessage.BODY.length - Integer.BYTES;
        ByteBuffer target = ByteBuffer.wrap(lastFrame.getArray(), lastFrame.getArrayOffset(), lastFrame.getLength());
        if (room >= 0) {
            target.put(OversizedMessage.BODY).putInt(room).put(bytes, 0, room);
        } else if (target.remaining() > SHORT_BODY.length) {
            target.put(SHORT_BODY).put((byte) (target.remaining() - 1));
        }
    }

    private void complete(JmsInboundMessageDispatch dispatch) {
        JmsMessageFacade message = dispatch.getMessage().getFacade();
        if (!pending.isEmpty() && dispatch.getProviderHint() instanceof Delivery delivery) {
            List<Section> sections = pending.remove(new Binary(delivery.getTag()));
            if (sections != null) {
                message.setTracingContext(SECTIONS, sections);
            }
        }
        JmsDestination replyTo = rabbitMq ? message.getReplyTo() : null;
        if (replyTo != null && replyTo.getAddress().startsWith("/")) {
            message.setReplyTo(RabbitMq.reply(replyTo.getAddress()));
        }
    }
}
