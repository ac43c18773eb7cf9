package de.contactsync.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import de.contactsync.brokers.KafkaBroker;
import de.contactsync.product.Product;
import de.contactsync.product.RunningProduct;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Kafka that has the topic and takes records, but nobody who coordinates groups. */
class KafkaCoordinatorIT {

    @TempDir
    Path folder;

    /** The worker once waited forever and said nothing, since Kafka's client does. */
    @Test
    void a_group_without_a_coordinator_is_reported_within_two_minutes() throws Exception {
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.builder().build());
                KafkaBroker broker = KafkaBroker.startWithoutCoordinator(folder.resolve("kafka"));
                Product product = Product.in(folder.resolve("work")).against(jtl)) {
            broker.createTopic("contact-keys", 1);
            RunningProduct worker = product.with("contacts.sources", "kafka")
                    .with("contacts.kafka.brokers", broker.address())
                    .start("run");
            await().alias(worker.toString())
                    .atMost(Duration.ofMinutes(2))
                    .until(() -> worker.stderr()
                            .contains("Kafka at " + broker.address()
                                    + " cannot be used: the group has had no coordinator for 60 s"));
            worker.terminate();
            assertThat(worker.exitCode(Duration.ofSeconds(30)))
                    .as(worker.toString())
                    .isZero();
            assertThat(worker.stderr()).doesNotContain("is back", " ERROR ");
        }
    }
}
