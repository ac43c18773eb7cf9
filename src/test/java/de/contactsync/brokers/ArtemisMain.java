package de.contactsync.brokers;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
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
 * What {@link ArtemisBroker} starts: directory, port, delivery attempts, acceptors beside the plain one (a URI with
 * commas in between, or nothing), milliseconds between two scans for unused queues and, when there is a login, user
 * and password.
 */
final class ArtemisMain {

    private ArtemisMain() {}

    public static void main(String[] args) throws Exception {
        Path directory = Path.of(args[0]);
        boolean login = args.length > 5;
        Configuration configuration = new ConfigurationImpl()
                .setName("test")
                .setPersistenceEnabled(true)
                .setJournalType(JournalType.NIO)
                .setJournalDirectory(directory.resolve("journal").toString())
                .setBindingsDirectory(directory.resolve("bindings").toString())
                .setLargeMessagesDirectory(directory.resolve("large").toString())
                .setPagingDirectory(directory.resolve("paging").toString())
                .setSecurityEnabled(login)
                .setJMXManagementEnabled(false)
                .setAddressQueueScanPeriod(Long.parseLong(args[4]))
                .addAcceptorConfiguration("tcp", "tcp://127.0.0.1:" + args[1] + "?protocols=CORE,AMQP")
                .addAddressSetting(
                        "#",
                        new AddressSettings()
                                .setAutoCreateQueues(true)
                                .setAutoCreateAddresses(true)
                                .setAddressFullMessagePolicy(AddressFullMessagePolicy.PAGE)
                                .setMaxDeliveryAttempts(Integer.parseInt(args[2]))
                                .setDeadLetterAddress(SimpleString.of(ArtemisBroker.DEAD_LETTERS)))
                .addAddressSetting(
                        ArtemisBroker.MISSING + ".#",
                        new AddressSettings().setAutoCreateQueues(false).setAutoCreateAddresses(false))
                .addAddressSetting(
                        ArtemisBroker.SMALL + ".#",
                        new AddressSettings()
                                .setAddressFullMessagePolicy(AddressFullMessagePolicy.BLOCK)
                                .setMaxSizeBytes(20_000))
                .addAddressConfiguration(new CoreAddressConfiguration()
                        .setName(ArtemisBroker.DEAD_LETTERS)
                        .addRoutingType(RoutingType.ANYCAST)
                        .addQueueConfiguration(QueueConfiguration.of(ArtemisBroker.DEAD_LETTERS)
                                .setRoutingType(RoutingType.ANYCAST)));
        for (String acceptor : args[3].isEmpty() ? new String[0] : args[3].split(",")) {
            configuration.addAcceptorConfiguration(acceptor, acceptor);
        }
        EmbeddedActiveMQ server = new EmbeddedActiveMQ().setConfiguration(configuration);
        if (login) {
            SecurityConfiguration users = new SecurityConfiguration();
            users.addUser(args[5], args[6]);
            users.addRole(args[5], "all");
            server.setSecurityManager(new ActiveMQJAASSecurityManager(InVMLoginModule.class.getName(), users));
            configuration.putSecurityRoles(
                    "#",
                    Set.of(new Role("all", true, true, true, true, true, true, true, true, true, true, false, false)));
        }
        server.start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            CompletableFuture.delayedExecutor(20, TimeUnit.SECONDS).execute(ArtemisMain::halt);
            stop(server);
        }));
    }

    /** Artemis waits, once in many stops under load, for longer than a test can. Its journal survives that. */
    private static void halt() {
        Thread.getAllStackTraces().forEach((thread, stack) -> {
            System.out.println("still there: " + thread);
            Arrays.stream(stack).forEach(frame -> System.out.println("    at " + frame));
        });
        Runtime.getRuntime().halt(1);
    }

    private static void stop(EmbeddedActiveMQ server) {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("the broker did not stop", e);
        }
    }
}
