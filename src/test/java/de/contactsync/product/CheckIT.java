package de.contactsync.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import de.contactsync.FreePort;
import de.contactsync.brokers.ArtemisBroker;
import de.contactsync.simulator.Fault;
import de.contactsync.simulator.HubSpotOptions;
import de.contactsync.simulator.HubSpotSimulator;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code check}: what can be used and what cannot, before anything is done. */
class CheckIT {

    @TempDir
    Path folder;

    @Test
    @OnBothRuntimes
    void it_tries_everything_that_run_would_need_and_changes_nothing() throws Exception {
        try (JtlSimulator jtl = JtlSimulator.start(SimulatorOptions.builder().build());
                HubSpotSimulator hubSpot = HubSpotSimulator.start(HubSpotOptions.standard());
                ArtemisBroker artemis = ArtemisBroker.in(folder.resolve("artemis"))
                        .withFastQueueScan()
                        .start();
                Product product = Product.in(folder.resolve("home"))
                        .against(jtl)
                        .into(hubSpot)
                        .withHarmlessMapping()) {
            product.with("contacts.sources", "queue").with("contacts.queue.url", artemis.amqpUrl());
            RunningProduct first = product.start("check");
            assertThat(first.exitCode()).as(first.toString()).isZero();
            assertThat(first.out())
                    .containsExactly(
                            "ok    settings  can be used; no proxy is used",
                            "ok    token     comes from " + jtl.tokenApi(),
                            "ok    database  jdbc:sqlite:data/contacts.db will be made when it is first needed; a"
                                    + " file was made in "
                                    + product.folder() + " and deleted",
                            "--    temporary not tried: only key files, schedules and the command import need a"
                                    + " temporary folder",
                            "ok    mapping   " + product.folder().resolve("mapping/hubspot.yaml") + " can be read",
                            "ok    JTL       " + jtl.baseUrl() + " answers for tenant " + Product.TENANT,
                            "ok    CRM       HubSpot at 127.0.0.1:" + hubSpot.port()
                                    + ": its description of the fields was read, and fits the mapping; not tried:"
                                    + " writing and deleting"
                                    + " contacts",
                            "ok    broker    " + artemis.amqpUrl() + ": may receive from and send to"
                                    + " contact-keys, contact-keys.held, contact-keys.chunks");
            assertThat(product.database()).doesNotExist();
            // Artemis makes a queue for whoever opens it, and deletes it again when nobody uses it.
            await().atMost(Duration.ofMinutes(1)).until(() -> !artemis.exists("contact-keys"));
            assertThat(hubSpot.stats().contacts()).isZero();

            product.without("contacts.sources").without("contacts.queue.url");
            assertThat(product.start("import", KeyFiles.good(5, 3).write(folder.resolve("keys.csv")))
                            .exitCode())
                    .isZero();
            RunningProduct later = product.without("jtl.tenant-id")
                    .with("contacts.crm.create-property", "true")
                    .start("check");
            assertThat(later.exitCode()).as(later.toString()).isZero();
            assertThat(later.out())
                    .contains(
                            "--    JTL       not tried: each key names its tenant, and jtl.tenant-id is not set",
                            "ok    database  jdbc:sqlite:data/contacts.db is there with this program's tables; it was"
                                    + " read whole and is not damaged; a table was created in it and rolled back; all"
                                    + " its tables, columns and indexes are there",
                            "ok    inbox     " + product.folder().resolve("inbox") + " is made by run; "
                                    + product.folder() + " was tried: a file was made in it and deleted",
                            "--    CRM       not tried: contacts.crm.create-property=true would change it");
        }
    }

    @Test
    void failures_are_reported_with_the_remedy_and_hide_no_others() throws Exception {
        try (JtlSimulator jtl = JtlSimulator.start(
                        SimulatorOptions.builder().fault(Fault.status(402)).build());
                HubSpotSimulator bare =
                        HubSpotSimulator.start(HubSpotOptions.standard().withProperties(Map.of()));
                Product product = Product.in(folder.resolve("home"))
                        .against(jtl)
                        .into(bare)
                        .withHarmlessMapping()) {
            String broker = "amqp://127.0.0.1:" + FreePort.next();
            String kafka = "127.0.0.1:" + FreePort.next();
            product.with("contacts.sources", "queue,kafka")
                    .with("contacts.queue.url", broker)
                    .with("contacts.kafka.brokers", kafka)
                    .with("contacts.database.url", "jdbc:postgresql://127.0.0.1:" + FreePort.next() + "/contacts");
            RunningProduct refused = product.start("check");
            assertThat(refused.exitCode()).as(refused.toString()).isEqualTo(2);
            List<String> lines = refused.out();
            assertThat(lines).as(refused.toString()).hasSize(9);
            assertThat(lines.get(0)).startsWith("ok    settings ");
            assertThat(lines.get(1)).startsWith("ok    token ");
            assertThat(lines.get(2)).startsWith("FAIL  database ").contains("contacts.database.url");
            assertThat(lines.get(4)).startsWith("ok    mapping ");
            assertThat(lines.get(5)).startsWith("FAIL  JTL ").contains("licence");
            assertThat(lines.get(6))
                    .startsWith("FAIL  CRM ")
                    .contains("jtl_contact_id", "contacts.crm.create-property=true");
            assertThat(lines.get(7)).startsWith("FAIL  broker ").contains(broker, "contacts.queue.url");
            assertThat(lines.get(8)).startsWith("FAIL  Kafka ").contains(kafka, "contacts.kafka.brokers");
            ImportCommandIT.assertNoStackTrace(refused);

            RunningProduct locked =
                    product.with("jtl.oauth.client-secret", "wr0ng").start("check");
            assertThat(locked.exitCode()).as(locked.toString()).isEqualTo(2);
            assertThat(locked.out().get(1)).startsWith("FAIL  token ").contains("jtl.oauth.client-secret");
            assertThat(locked.out().get(5)).isEqualTo("--    JTL       not tried: no access token");

            RunningProduct away = product.with("contacts.crm.base-url", "http://127.0.0.1:" + FreePort.next())
                    .start("check");
            assertThat(away.exitCode()).as(away.toString()).isEqualTo(2);
            assertThat(away.out().get(6)).startsWith("FAIL  CRM ").contains("no answer from HubSpot");

            RunningProduct wrong =
                    product.with("contacts.sources", "carrier-pigeon").start("check");
            assertThat(wrong.exitCode()).as(wrong.toString()).isEqualTo(2);
            assertThat(wrong.stderr()).contains("contacts.sources");
        }
    }
}
