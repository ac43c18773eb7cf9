package de.contactsync.brokers;

import de.contactsync.brokers.ArtemisBroker.MessageMaker;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.Destination;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TextMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.qpid.jms.JmsConnectionFactory;

/** Another program on a broker, over Artemis' own protocol or AMQP 1.0. */
public final class QueueClient {

    private final ConnectionFactory connections;

    private QueueClient(ConnectionFactory connections) {
        this.connections = connections;
    }

    /** @param url {@code tcp://…} or {@code amqp://…} */
    public static QueueClient of(String url) {
        return of(url, null, null);
    }

    /** @param username null for none */
    public static QueueClient of(String url, String username, String password) {
        return new QueueClient(
                url.startsWith("amqp")
                        ? new JmsConnectionFactory(username, password, url)
                        : new ActiveMQConnectionFactory(url, username, password));
    }

    /** In one transaction; returns the ids that the messages got. */
    public List<String> send(String queue, List<MessageMaker> makers) {
        try (var connection = connections.createConnection();
                Session session = connection.createSession(Session.SESSION_TRANSACTED)) {
            MessageProducer producer = session.createProducer(session.createQueue(queue));
            List<String> ids = new ArrayList<>();
            for (MessageMaker maker : makers) {
                Message message = maker.make(session);
                producer.send(message);
                ids.add(message.getJMSMessageID());
            }
            session.commit();
            return ids;
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
    }

    public List<String> sendTexts(String queue, List<String> bodies) {
        return send(
                queue,
                bodies.stream()
                        .map(body -> (MessageMaker) session -> session.createTextMessage(body))
                        .toList());
    }

    /** One by one, for brokers that have no transactions. */
    public void sendEach(String queue, List<String> bodies) {
        try (JMSContext context = connections.createContext(JMSContext.AUTO_ACKNOWLEDGE)) {
            bodies.forEach(body -> context.createProducer().send(context.createQueue(queue), body));
        }
    }

    /** All that come until none comes for this time, acknowledged. */
    public List<Message> receiveAll(String queue, Duration patience) {
        try (JMSContext context = connections.createContext(JMSContext.AUTO_ACKNOWLEDGE);
                JMSConsumer consumer = context.createConsumer(context.createQueue(queue))) {
            List<Message> messages = new ArrayList<>();
            for (Message next = consumer.receive(patience.toMillis());
                    next != null;
                    next = consumer.receive(patience.toMillis())) {
                messages.add(next);
            }
            return messages;
        }
    }

    /** Those that nobody is working on, in order. */
    public List<Message> browse(String queue) {
        try (JMSContext context = connections.createContext();
                QueueBrowser browser = context.createBrowser(context.createQueue(queue))) {
            context.start();
            List<Message> messages = new ArrayList<>();
            for (Enumeration<?> each = browser.getEnumeration(); each.hasMoreElements(); ) {
                messages.add((Message) each.nextElement());
            }
            return messages;
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Sends a text with {@code JMSReplyTo} a temporary queue, and waits for the reply; null when none comes. */
    public Message request(String queue, String body, Duration patience) {
        try (JMSContext context = connections.createContext(JMSContext.AUTO_ACKNOWLEDGE)) {
            Destination replies = context.createTemporaryQueue();
            send(context, queue, body, replies);
            return context.createConsumer(replies).receive(patience.toMillis());
        }
    }

    /** Asks for a reply to a temporary queue, and is gone; returns the name of the queue. */
    public String requestAndLeave(String queue, String body) {
        try (JMSContext context = connections.createContext(JMSContext.AUTO_ACKNOWLEDGE)) {
            TemporaryQueue replies = context.createTemporaryQueue();
            String name = replies.getQueueName();
            // Before the message is there, or the reply might come in time.
            try (JMSContext other = connections.createContext(JMSContext.SESSION_TRANSACTED)) {
                send(other, queue, body, replies);
                replies.delete();
                other.commit();
            }
            return name;
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void send(JMSContext context, String queue, String body, Destination replyTo) {
        try {
            TextMessage message = context.createTextMessage(body);
            message.setJMSReplyTo(replyTo);
            context.createProducer().send(context.createQueue(queue), message);
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
    }
}
