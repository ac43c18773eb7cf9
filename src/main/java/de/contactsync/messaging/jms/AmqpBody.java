package de.contactsync.messaging.jms;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Date;
import java.util.Enumeration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.qpid.jms.message.JmsMessage;
import org.apache.qpid.jms.message.JmsObjectMessage;
import org.apache.qpid.jms.provider.amqp.message.AmqpJmsObjectMessageFacade;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Decimal128;
import org.apache.qpid.proton.amqp.Decimal32;
import org.apache.qpid.proton.amqp.Decimal64;
import org.apache.qpid.proton.amqp.DescribedType;
import org.apache.qpid.proton.amqp.messaging.AmqpSequence;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.codec.AMQPDefinedTypes;
import org.apache.qpid.proton.codec.DecoderImpl;
import org.apache.qpid.proton.codec.EncoderImpl;

/** The body of an AMQP message (AMQP 1.0, part 3, section 3.2) as the bytes of a JSON text. */
final class AmqpBody {

    private static final JsonFactory JSON = new JsonFactory();
    private static final byte[] NOTHING = {};

    /** Keys lie in an array of objects; what is deeper is not a valid key, and would exhaust the stack. */
    private static final int DEEPEST = 16;

    private AmqpBody() {}

    /**
     * The bytes of a text or of bytes as they are; a list, a map or another value as JSON. Never makes an object of a
     * class that the sender chose.
     *
     * @param most bytes that are read of a message that only has bytes
     * @throws IOException when the body can be no JSON; the message says why
     */
    static byte[] bytes(Message message, int most) throws JMSException, IOException {
        if (((JmsMessage) message).getFacade().getTracingContext(BrokerFrames.SECTIONS) instanceof List<?> sections) {
            return joined(sections);
        }
        if (message instanceof TextMessage text) {
            return text.getText() == null ? NOTHING : text.getText().getBytes(StandardCharsets.UTF_8);
        }
        if (message instanceof BytesMessage bytes) {
            byte[] body = new byte[(int) Math.min(bytes.getBodyLength(), most)];
            bytes.readBytes(body);
            return body;
        }
        if (message instanceof MapMessage map) {
            Map<String, Object> values = new LinkedHashMap<>();
            for (Enumeration<?> names = map.getMapNames(); names.hasMoreElements(); ) {
                String name = names.nextElement().toString();
                values.put(name, map.getObject(name));
            }
            return json(values);
        }
        if (message instanceof JmsObjectMessage object) {
            if (object.getFacade() instanceof AmqpJmsObjectMessageFacade amqp && amqp.isAmqpTypedEncoding()) {
                return ofValue(value(amqp));
            }
            throw new IOException("it is a Java object");
        }
        if (message instanceof StreamMessage) {
            throw new IOException("it is a stream");
        }
        throw new IOException("it has no body");
    }

    /** Several sections of bytes or of sequences are one body that was sent in parts. */
    private static byte[] joined(List<?> sections) throws IOException {
        if (sections.isEmpty()) {
            throw new IOException("it is larger than 1 MiB");
        }
        if (sections.stream().allMatch(Data.class::isInstance)) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            for (Object section : sections) {
                Binary part = ((Data) section).getValue();
                bytes.write(part.getArray(), part.getArrayOffset(), part.getLength());
            }
            return bytes.toByteArray();
        }
        if (sections.stream().allMatch(AmqpSequence.class::isInstance)) {
            List<Object> elements = new ArrayList<>();
            for (Object section : sections) {
                List<?> part = ((AmqpSequence) section).getValue();
                elements.addAll(part);
            }
            return json(elements);
        }
        throw new IOException("it has several bodies");
    }

    /** The client library passes on serializable values only, which neither symbols nor described ones are. */
    private static Object value(AmqpJmsObjectMessageFacade message) {
        DecoderImpl decoder = new DecoderImpl();
        AMQPDefinedTypes.registerAllTypes(decoder, new EncoderImpl(decoder));
        ByteBuffer bytes = message.encodeMessage().nioBuffer();
        decoder.setByteBuffer(bytes);
        Object value = null;
        while (bytes.hasRemaining()) {
            Object section = decoder.readObject();
            if (section instanceof AmqpValue body) {
                value = body.getValue();
            } else if (section instanceof AmqpSequence body) {
                value = body.getValue();
            }
        }
        return value;
    }

    /** A symbol is a text; of a described value, only the value counts. */
    static byte[] ofValue(Object value) throws IOException {
        Object plain = value;
        for (int depth = 0; plain instanceof DescribedType described && depth < DEEPEST; depth++) {
            plain = described.getDescribed();
        }
        return plain instanceof CharSequence text ? text.toString().getBytes(StandardCharsets.UTF_8) : json(plain);
    }

    private static byte[] json(Object value) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            write(json, value, 0);
        }
        return bytes.toByteArray();
    }

    private static String name(Object key, int depth) throws IOException {
        if (key instanceof CharSequence || key instanceof UUID) {
            return key.toString();
        }
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            write(json, key, depth);
        }
        return text.toString();
    }

    private static void write(JsonGenerator json, Object value, int depth) throws IOException {
        if (depth > DEEPEST) {
            throw new IOException("its lists and maps lie too deep in each other");
        }
        if (value == null) {
            json.writeNull();
        } else if (value instanceof Map<?, ?> map) {
            json.writeStartObject();
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                json.writeFieldName(name(entry.getKey(), depth + 1));
                write(json, entry.getValue(), depth + 1);
            }
            json.writeEndObject();
        } else if (value instanceof List<?> list) {
            json.writeStartArray();
            for (Object element : list) {
                write(json, element, depth + 1);
            }
            json.writeEndArray();
        } else if (value instanceof DescribedType described) {
            write(json, described.getDescribed(), depth + 1);
        } else if (value.getClass().isArray() && !(value instanceof byte[])) {
            // Their own text is an address in memory, another at each delivery.
            json.writeStartArray();
            for (int i = 0; i < Array.getLength(value); i++) {
                write(json, Array.get(value, i), depth + 1);
            }
            json.writeEndArray();
        } else if (value instanceof Boolean truth) {
            json.writeBoolean(truth);
        } else if (value instanceof Decimal32 || value instanceof Decimal64 || value instanceof Decimal128) {
            // The client library has their bits only.
            throw new IOException("it has a decimal, AMQP's " + value.getClass().getSimpleName());
        } else if (value instanceof Number number) {
            json.writeNumber(number.toString());
        } else if (value instanceof Binary binary) {
            json.writeString(
                    new String(binary.getArray(), binary.getArrayOffset(), binary.getLength(), StandardCharsets.UTF_8));
        } else if (value instanceof byte[] bytes) {
            json.writeString(new String(bytes, StandardCharsets.UTF_8));
        } else if (value instanceof Date date) {
            json.writeString(date.toInstant().toString());
        } else {
            json.writeString(value.toString());
        }
    }

    /** A message id, which may be a string, a uuid, a number or bytes, as text; null when there is none. */
    static String idText(Object id) {
        return id == null
                ? null
                : id instanceof Binary binary
                        ? HexFormat.of()
                                .formatHex(
                                        binary.getArray(),
                                        binary.getArrayOffset(),
                                        binary.getArrayOffset() + binary.getLength())
                        : id.toString();
    }
}
