package de.contactsync.messaging.jms;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.Session;
import java.util.Collection;
import java.util.function.BooleanSupplier;
import org.apache.qpid.jms.exceptions.JmsExceptionSupport;

/**
 * Opens queues without taking or sending a message. Keeps its connection until a queue is refused. Thread-safe.
 */
final class QueueProbe implements AutoCloseable {

    private final ConnectionFactory factory;
    private final BrokerAddress address;
    private final boolean transactions;
    private final BooleanSupplier rabbitMq;
    private Connection connection;
    private Session session;

    /**
     * @param factory  makes connections that no message is sent ahead to; RabbitMQ 3 would take it back only when such
     *                 a connection ends
     * @param rabbitMq whether the broker is RabbitMQ, asked when it is connected
     */
    QueueProbe(ConnectionFactory factory, BrokerAddress address, boolean transactions, BooleanSupplier rabbitMq) {
        this.factory = factory;
        this.address = address;
        this.transactions = transactions;
        this.rabbitMq = rabbitMq;
    }

    /**
     * @param receivers queues that messages are taken from
     * @param senders   queues that messages are sent to
     * @throws QueueRefused        when one of them is not there, or not for us
     * @throws JMSRuntimeException when the broker is away
     */
    synchronized void open(Collection<String> receivers, Collection<String> senders) {
        String queue = null;
        try {
            if (session == null) {
                connection = factory.createConnection(address.username(), address.password());
                session = connection.createSession(
                        transactions, transactions ? Session.SESSION_TRANSACTED : Session.CLIENT_ACKNOWLEDGE);
            }
            for (String receiver : receivers) {
                queue = receiver;
                session.createConsumer(session.createQueue(receiver)).close();
            }
            for (String sender : senders) {
                queue = sender;
                session.createProducer(session.createQueue(sender)).close();
                if (rabbitMq.getAsBoolean()) {
                    // Version 3 lets us send to a queue that does not exist, and drops the messages.
                    session.createConsumer(session.createQueue(sender)).close();
                }
            }
        } catch (JMSException e) {
            close();
            throw queue == null || e instanceof JMSSecurityException
                    ? JmsExceptionSupport.createRuntimeException(e)
                    : new QueueRefused(queue, rabbitMq.getAsBoolean(), e);
        }
    }

    @Override
    public synchronized void close() {
        Connection known = connection;
        connection = null;
        session = null;
        try {
            if (known != null) {
                known.close();
            }
        } catch (JMSException e) {
            // It is broken, and held nothing.
        }
    }

    /** The broker is there, but one of its queues is not, or not for us. */
    static final class QueueRefused extends JMSRuntimeException {

        private static final long serialVersionUID = 1L;

        QueueRefused(String queue, boolean rabbitMq, JMSException failure) {
            super("its queue " + queue + " cannot be used" + (rabbitMq ? " (declare it, durable)" : "") + ": "
                    + BrokerErrors.describe(failure));
        }
    }
}
