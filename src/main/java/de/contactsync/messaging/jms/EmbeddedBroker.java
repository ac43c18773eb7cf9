package de.contactsync.messaging.jms;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.apache.activemq.artemis.api.core.QueueConfiguration;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.config.CoreAddressConfiguration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.config.impl.SecurityConfiguration;
import org.apache.activemq.artemis.core.security.Role;
import org.apache.activemq.artemis.core.server.JournalType;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.core.settings.impl.AddressFullMessagePolicy;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;
import org.apache.activemq.artemis.spi.core.security.ActiveMQJAASSecurityManager;
import org.apache.activemq.artemis.spi.core.security.jaas.InVMLoginModule;

/**
 * A persistent Artemis in this process, for those who have no broker. It speaks AMQP 1.0 and nothing else: to this
 * process by a {@link LocalTransport}; to other programs of this machine only when the settings name a port, and then
 * with the user and password of the settings.
 */
public final class EmbeddedBroker implements AutoCloseable {

    private static final String LOOPBACK = "127.0.0.1";
    private static final String AMQP_ONLY = "?protocols=AMQP&saslMechanisms=PLAIN&useEpoll=false&useKQueue=false";
    /** The login of this process. */
    private static final String OWN_USER = "jtl-contact-sync-" + UUID.randomUUID();

    /** Messages whose sender gave them a time to live that is over. */
    private static final String EXPIRED = "ExpiryQueue";

    private static final int MOST_DELIVERIES = 100;
    private static final String ROLE = "user";
    /** Messages beyond that lie on the disk only. */
    private static final long MOST_IN_MEMORY = Runtime.getRuntime().maxMemory() / 4;
    /** What is written within this time goes to the disk together; a lone message waits for it. */
    private static final int JOURNAL_BUFFER_NANOS = 500_000;

    private final EmbeddedActiveMQ broker;
    private final RandomAccessFile lockFile;
    private final BrokerAddress address;

    private EmbeddedBroker(EmbeddedActiveMQ broker, RandomAccessFile lockFile, BrokerAddress address) {
        this.broker = broker;
        this.lockFile = lockFile;
        this.address = address;
    }

    /** For connections of this process. */
    BrokerAddress address() {
        return address;
    }

    /** Whether it makes whoever sends wait, because its disk is fuller than allowed. */
    boolean isDiskFull() {
        return broker.getActiveMQServer().getPagingManager().isDiskFull();
    }

    /**
     * @param queues made now, so that they are there before the first message
     * @throws IOException when another process has the folder or the port; the message says what to do
     */
    public static EmbeddedBroker start(QueueSettings settings, List<String> queues) throws Exception {
        Files.createDirectories(settings.directory());
        RandomAccessFile lockFile = lock(settings);
        BrokerAddress address = new BrokerAddress(
                URI.create(LocalTransport.SCHEME + "://broker-" + UUID.randomUUID()), OWN_USER, randomPassword());
        EmbeddedActiveMQ broker = new EmbeddedActiveMQ()
                .setConfiguration(configuration(settings, queues, address.url().getHost()));
        try {
            checkFree(settings.port());
            SecurityConfiguration users = new SecurityConfiguration();
            users.addUser(OWN_USER, address.password());
            users.addRole(OWN_USER, ROLE);
            if (settings.username() != null) {
                users.addUser(settings.username(), settings.password());
                users.addRole(settings.username(), ROLE);
            }
            broker.setSecurityManager(new ActiveMQJAASSecurityManager(InVMLoginModule.class.getName(), users));
            broker.start();
            return new EmbeddedBroker(broker, lockFile, address);
        } catch (Exception e) {
            broker.stop();
            lockFile.close();
            throw e;
        }
    }

    private static String randomPassword() {
        byte[] bytes = new byte[32];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** Artemis would continue without it, and others would reach whoever has it. */
    private static void checkFree(Integer port) throws IOException {
        if (port == null) {
            return;
        }
        // With the option that Artemis uses, or a port that was used a moment ago would not be free.
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getByName(LOOPBACK), port));
        } catch (IOException e) {
            throw new IOException(
                    "the broker cannot listen on 127.0.0.1:" + port + ": " + e.getMessage() + "; another"
                            + " process has it, so set contacts.queue.port to a free one or to off",
                    e);
        }
    }

    /** Artemis would wait for the other process to end, and say nothing. */
    private static RandomAccessFile lock(QueueSettings settings) throws IOException {
        RandomAccessFile file =
                new RandomAccessFile(settings.directory().resolve("in-use.lock").toFile(), "rw");
        FileLock lock = null;
        try {
            lock = file.getChannel().tryLock();
        } catch (OverlappingFileLockException e) {
            // Held within this process.
        }
        if (lock == null) {
            file.close();
            throw new IOException("another process has the broker in " + settings.directory() + ": start this one in a"
                    + " folder of its own; or, to share that broker, start the other with contacts.queue.port=61616,"
                    + " .username and .password, and this one with contacts.queue.url=amqp://127.0.0.1:61616 and the"
                    + " same"
                    + " .username and .password");
        }
        return file;
    }

    private static Configuration configuration(QueueSettings settings, List<String> queues, String localAddress)
            throws Exception {
        Path directory = settings.directory();
        Configuration configuration = new ConfigurationImpl()
                .setName("jtl-contact-sync")
                .setJournalType(JournalType.NIO)
                .setJournalBufferTimeout_NIO(JOURNAL_BUFFER_NANOS)
                .setJournalDirectory(directory.resolve("journal").toString())
                .setBindingsDirectory(directory.resolve("bindings").toString())
                .setPagingDirectory(directory.resolve("paging").toString())
                .setLargeMessagesDirectory(directory.resolve("large-messages").toString())
                .setNodeManagerLockDirectory(directory.resolve("journal").toString())
                .setJMXManagementEnabled(false)
                .setGlobalMaxSize(MOST_IN_MEMORY)
                .setMaxDiskUsage(settings.maxDiskUsage())
                .setMessageCounterEnabled(false)
                .addAcceptorConfiguration("this-process", "tcp://" + localAddress + AMQP_ONLY + "&useInvm=true");
        if (settings.port() != null) {
            configuration.addAcceptorConfiguration(
                    "other-programs", "tcp://" + LOOPBACK + ":" + settings.port() + AMQP_ONLY);
        }
        configuration.addAddressSetting(
                "#",
                new AddressSettings()
                        // An invalid key ends as a dead letter, and who gives a message back has not failed on it; but
                        // a
                        // message that the client library cannot decode is never acknowledged.
                        .setMaxDeliveryAttempts(MOST_DELIVERIES)
                        .setEnableIngressTimestamp(true)
                        .setAutoCreateDeadLetterResources(true)
                        .setDeadLetterAddress(SimpleString.of("DLQ"))
                        .setExpiryAddress(SimpleString.of(EXPIRED))
                        .setAutoCreateExpiryResources(true)
                        .setAddressFullMessagePolicy(AddressFullMessagePolicy.PAGE)
                        .setDefaultAddressRoutingType(RoutingType.ANYCAST)
                        .setDefaultQueueRoutingType(RoutingType.ANYCAST)
                        .setAutoDeleteQueues(false)
                        .setAutoDeleteAddresses(false));
        configuration.putSecurityRoles(
                "#", Set.of(new Role(ROLE, true, true, true, true, true, true, false, true, true, true, false, false)));
        for (String queue : queues) {
            configuration.addAddressConfiguration(new CoreAddressConfiguration()
                    .setName(queue)
                    .addRoutingType(RoutingType.ANYCAST)
                    .addQueueConfiguration(QueueConfiguration.of(queue).setRoutingType(RoutingType.ANYCAST)));
        }
        return configuration;
    }

    @Override
    public void close() throws Exception {
        try (lockFile) {
            broker.stop();
        }
    }
}
