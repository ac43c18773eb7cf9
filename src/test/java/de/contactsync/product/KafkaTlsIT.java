package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import de.contactsync.brokers.KafkaBroker;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Kafka that is reached over TLS, by those who know the password, which SCRAM does not send. */
class KafkaTlsIT {

    private static final Duration LONG = Duration.ofSeconds(90);
    private static final String PASSWORD = "canary-passw0rd";

    @TempDir
    Path folder;

    @Test
    void records_come_over_tls_with_the_password_and_only_from_a_trusted_broker() throws Exception {
        KeyStores keyStores = new KeyStores(folder, PASSWORD);
        Path server = keyStores.makeKey("server");
        Path trustsServer = keyStores.trust(server, "server");
        Path trustsOther = keyStores.trust(keyStores.makeKey("other"), "other");
        KeyFiles keys = KeyFiles.good(58, 40);
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.builder().build());
                KafkaBroker broker = KafkaBroker.start(folder.resolve("kafka"), "worker", PASSWORD, server);
                // The jar alone: Kafka's clients ask for nothing of what lies beside it.
                Product product =
                        Product.in(folder.resolve("work")).withLibraries().against(jtl)) {
            broker.createTopic("contact-keys", 1);
            keys.messages().forEach(text -> broker.produce("contact-keys", text));
            product.with("contacts.sources", "kafka")
                    .with("contacts.sinks", "database,queue")
                    .with("contacts.kafka.brokers", broker.loginAddress())
                    .with("contacts.kafka.security-protocol", "SASL_SSL")
                    .with("contacts.kafka.sasl-mechanism", "SCRAM-SHA-512")
                    .with("contacts.kafka.username", "worker")
                    .with("contacts.kafka.trust-store-password", PASSWORD);

            product.with("contacts.kafka.password", PASSWORD);
            assertRefused(product, trustsOther, "check contacts.kafka.brokers", "PKIX");
            product.with("contacts.kafka.password", "canary-wrong");
            assertRefused(
                    product, trustsServer, "check contacts.kafka.brokers, .username and .password", "SCRAM-SHA-512");

            RunningProduct worker =
                    product.with("contacts.kafka.password", PASSWORD).start("run");
            Tables tables = Tables.of(product);
            await().alias(worker.toString())
                    .atMost(LONG)
                    .ignoreExceptions()
                    .until(() -> tables.number("SELECT count(*) FROM contact") == 40);
            await().atMost(LONG).until(() -> broker.records("contacts-enriched").size() == 40);
            worker.terminate();
            assertThat(worker.exitCode(LONG)).as(worker.toString()).isZero();
            assertThat(worker.stderr()).doesNotContain("canary", " ERROR ");
            assertThat(tables.contacts()).isEqualTo(keys.contacts(jtl));
        }
    }

    private static void assertRefused(Product product, Path trustStore, String... words) throws Exception {
        RunningProduct refused =
                product.with("contacts.kafka.trust-store", trustStore).start("run");
        await().alias(refused.toString())
                .atMost(LONG)
                .until(() -> refused.stderr().contains("cannot be used"));
        assertThat(refused.stderr()).as(refused.toString()).contains(words).doesNotContain("canary", "\tat ");
        refused.kill();
    }
}
