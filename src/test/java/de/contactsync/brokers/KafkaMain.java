package de.contactsync.brokers;

import java.util.ArrayList;
import java.util.List;
import kafka.Kafka;
import kafka.tools.StorageTool;

/**
 * What {@link KafkaBroker} starts: the server's properties, the id of its cluster, and options of kafka-storage format.
 */
final class KafkaMain {

    private KafkaMain() {}

    public static void main(String[] args) {
        List<String> format = new ArrayList<>(
                List.of("format", "--ignore-formatted", "--config", args[0], "--cluster-id=" + args[1]));
        format.addAll(List.of(args).subList(2, args.length));
        StorageTool.execute(format.toArray(String[]::new), System.out);
        Kafka.main(new String[] {args[0]});
    }
}
