package de.contactsync.brokers;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.qpid.protonj2.client.Client;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.ConnectionOptions;
import org.apache.qpid.protonj2.client.Delivery;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Receiver;
import org.apache.qpid.protonj2.client.Sender;
import org.apache.qpid.protonj2.client.SenderOptions;
import org.apache.qpid.protonj2.client.exceptions.ClientException;

/** Another program that speaks AMQP 1.0 itself, without JMS: any body, any kind of id. */
public final class AmqpSender implements AutoCloseable {

    private static final Duration PATIENT = Duration.ofSeconds(30);

    private final Client client = Client.create();
    private final Connection connection;

    /** @param user null for none */
    public AmqpSender(String host, int port, String user, String password) {
        try {
            connection = client.connect(
                    host, port, new ConnectionOptions().user(user).password(password));
            connection.openFuture().get(PATIENT.toSeconds(), TimeUnit.SECONDS);
        } catch (ClientException | ExecutionException | TimeoutException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns when the broker has them. */
    public void send(String address, List<Message<?>> messages) throws ClientException {
        SenderOptions options = new SenderOptions();
        options.targetOptions().capabilities("queue");
        Sender sender = connection.openSender(address, options);
        for (Message<?> message : messages) {
            sender.send(message.durable(true)).awaitAccepted(PATIENT.toSeconds(), TimeUnit.SECONDS);
        }
        sender.close();
    }

    /** All that come until none comes for this time, acknowledged. */
    public List<Message<?>> receiveAll(String address, Duration patience) throws ClientException {
        Receiver receiver = connection.openReceiver(address);
        List<Message<?>> messages = new ArrayList<>();
        for (Delivery next = receiver.receive(patience.toMillis(), TimeUnit.MILLISECONDS);
                next != null;
                next = receiver.receive(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            messages.add(next.message());
        }
        receiver.close();
        return messages;
    }

    @Override
    public void close() {
        connection.close();
    }
}
