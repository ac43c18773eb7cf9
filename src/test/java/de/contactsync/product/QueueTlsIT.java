package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import de.contactsync.FreePort;
import de.contactsync.brokers.ArtemisBroker;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker that is reached over TLS only by those whose certificate it knows. */
class QueueTlsIT {

    private static final Duration LONG = Duration.ofSeconds(60);
    private static final String PASSWORD = "st0re-pass";

    @TempDir
    Path folder;

    @Test
    void keys_come_over_mutual_tls_and_only_from_a_trusted_broker() throws Exception {
        KeyStores keyStores = new KeyStores(folder, PASSWORD);
        Path server = keyStores.makeKey("server");
        Path client = keyStores.makeKey("client");
        Path trustsClient = keyStores.trust(client, "client");
        Path trustsServer = keyStores.trust(server, "server");
        int port = FreePort.next();
        KeyFiles keys = KeyFiles.good(57, 40);
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.builder().build());
                ArtemisBroker artemis = ArtemisBroker.in(folder.resolve("artemis"))
                        .withTls(port, server, trustsClient, PASSWORD)
                        .start();
                Product product = Product.in(folder.resolve("work")).against(jtl)) {
            product.with("contacts.sources", "queue")
                    .with("contacts.queue.key-store", client)
                    .with("contacts.queue.key-store-password", PASSWORD)
                    .with("contacts.queue.trust-store-password", PASSWORD);
            for (String scheme : List.of("ssl", "amqps")) {
                product.with("contacts.queue.url", scheme + "://127.0.0.1:" + port);

                RunningProduct stranger =
                        product.with("contacts.queue.trust-store", trustsClient).start("run");
                await().atMost(LONG).until(() -> stranger.stderr().contains("cannot be used"));
                assertThat(stranger.stderr())
                        .as(stranger.toString())
                        .contains(scheme + "://127.0.0.1:" + port)
                        .doesNotContain(PASSWORD);
                stranger.kill();

                RunningProduct mistaken = product.with("contacts.queue.trust-store", folder.resolve("nothing.p12"))
                        .start("run");
                assertThat(mistaken.exitCode(LONG)).as(mistaken.toString()).isEqualTo(2);
                assertThat(mistaken.stderr()).contains("contacts.queue.trust-store", "nothing.p12");

                RunningProduct worker =
                        product.with("contacts.queue.trust-store", trustsServer).start("run");
                int half = scheme.equals("ssl") ? 0 : 20;
                keys.messages().subList(half, half + 20).forEach(text -> artemis.sendText("contact-keys", text));
                Tables tables = Tables.of(product);
                await().atMost(LONG)
                        .ignoreExceptions()
                        .until(() -> tables.number("SELECT count(*) FROM contact") == half + 20);
                worker.terminate();
                assertThat(worker.exitCode(LONG)).as(worker.toString()).isZero();
                assertThat(worker.stderr()).doesNotContain(PASSWORD);
            }
            assertThat(Tables.of(product).contacts()).isEqualTo(keys.contacts(jtl));
        }
    }
}
