package de.contactsync.brokers;

import java.nio.file.Path;
import org.apache.activemq.broker.BrokerService;
import org.apache.activemq.store.kahadb.KahaDBPersistenceAdapter;

/** An Apache ActiveMQ Classic with its store in KahaDB: directory and port. */
final class ActiveMqMain {

    private ActiveMqMain() {}

    public static void main(String[] args) throws Exception {
        KahaDBPersistenceAdapter store = new KahaDBPersistenceAdapter();
        store.setDirectory(Path.of(args[0], "store").toFile());
        BrokerService broker = new BrokerService();
        broker.setBrokerName("test");
        broker.setUseJmx(false);
        broker.setPersistenceAdapter(store);
        broker.setDataDirectory(args[0]);
        broker.addConnector("amqp://127.0.0.1:" + args[1]);
        broker.start();
        broker.waitUntilStopped();
    }
}
