package de.contactsync.brokers;

import kafka.Kafka;
import kafka.tools.StorageTool;

/** What {@link KafkaBroker} starts: the server's properties and the id of its cluster. */
final class KafkaMain {

    private KafkaMain() {}

    public static void main(String[] args) {
        StorageTool.execute(
                new String[] {"format", "--ignore-formatted", "--config", args[0], "--cluster-id=" + args[1]},
                System.out);
        Kafka.main(new String[] {args[0]});
    }
}
