package de.contactsync.messaging.jms;

import de.contactsync.messaging.KeyRequest;
import de.contactsync.messaging.KeyRequests;
import de.contactsync.model.MessageChunk;
import jakarta.jms.Destination;
import jakarta.jms.JMSContext;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Messages of one session, which are acknowledged together when the session commits. */
public final class QueueBatch {

    /**
     * @param replyTo where the sender wants an answer, or null
     * @param body    UTF-8; empty when it was not looked into
     */
    record Received(KeyRequest request, Destination replyTo, byte[] body) {}

    static final String SOURCE = "queue";

    private final JMSContext session;
    private final List<Received> messages;
    private final List<Received> aside;
    private final KeyRequests requests;

    /** @param aside messages that wait for their tenant elsewhere */
    QueueBatch(JMSContext session, List<Received> messages, List<Received> aside) {
        this.session = session;
        this.messages = List.copyOf(messages);
        this.aside = List.copyOf(aside);
        this.requests =
                new KeyRequests(SOURCE, messages.stream().map(Received::request).toList());
    }

    /** Puts some more aside. */
    QueueBatch without(Predicate<Received> waiting) {
        List<Received> others = new ArrayList<>();
        List<Received> waits = new ArrayList<>(aside);
        messages.forEach(message -> (waiting.test(message) ? waits : others).add(message));
        return new QueueBatch(session, others, waits);
    }

    List<Received> aside() {
        return aside;
    }

    /** All their keys. */
    public MessageChunk chunk() {
        return requests.chunk();
    }

    List<Received> messages() {
        return messages;
    }

    KeyRequests requests() {
        return requests;
    }

    Destination replyTo(int message) {
        return messages.get(message).replyTo;
    }

    boolean wantsReplies() {
        return messages.stream().anyMatch(message -> message.replyTo != null);
    }

    JMSContext session() {
        return session;
    }

    @Override
    public String toString() {
        return requests.toString();
    }
}
