package de.contactsync.app;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.CapturedLog;
import de.contactsync.model.DeliveryBatch;
import de.contactsync.model.DeliveryReport;
import de.contactsync.model.DeliveryResult;
import de.contactsync.outbox.Outbox;
import de.contactsync.persistence.Database;
import de.contactsync.persistence.RunStore;
import de.contactsync.persistence.TestDatabase;
import java.time.Clock;
import java.time.Duration;
import java.util.Collections;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DeliveryProgressLogTest {

    private final TestDatabase test = TestDatabase.create(TestDatabase.Kind.SQLITE);
    private final CapturedLog log = new CapturedLog("de.contactsync.app.DeliveryProgressLog");
    private final AtomicLong nanoTime = new AtomicLong();
    private Outbox outbox;
    private DeliveryProgressLog deliveries;

    @BeforeEach
    void open() {
        Database database = test.open();
        RunStore runs = test.closing(new RunStore(database, Clock.systemUTC()));
        outbox = new Outbox(database, "crm", runs, Clock.systemUTC());
        deliveries = new DeliveryProgressLog("The CRM", outbox, nanoTime::get);
    }

    @AfterEach
    void close() throws Exception {
        deliveries.close();
        log.close();
        test.close();
    }

    private void contacts(int count) {
        for (int i = 0; i < count; i++) {
            test.execute("INSERT INTO contact (tenant_id, customer_id, contact_id, content_hash, first_seen_at,"
                    + " changed_at, enriched_at) VALUES ('" + UUID.randomUUID() + "','" + UUID.randomUUID() + "','"
                    + UUID.randomUUID() + "','h','2026-01-01','2026-01-01','2026-01-01')");
        }
        outbox.enqueueAll();
    }

    private void send(int count) {
        DeliveryBatch batch = outbox.claim(count, Duration.ZERO);
        outbox.recordResults(new DeliveryReport(
                batch, Collections.nCopies(batch.deliveries().size(), new DeliveryResult.Accepted(null))));
    }

    @Test
    void it_says_what_was_delivered_once_nothing_waits() {
        contacts(3);
        deliveries.poll();
        send(2);
        deliveries.poll();
        assertThat(log.lines()).isEmpty();

        send(1);
        deliveries.poll();
        deliveries.poll();
        assertThat(log.lines()).singleElement().asString().contains("The CRM: 3 delivered, 0 refused, 0 pending");
    }

    @Test
    void while_more_waits_it_says_so_once_a_minute() {
        contacts(3);
        send(1);
        nanoTime.addAndGet(Duration.ofMinutes(1).toNanos());
        deliveries.poll();
        send(1);
        deliveries.poll();

        assertThat(log.lines()).singleElement().asString().contains("The CRM: 1 delivered, 0 refused, 2 pending");
        nanoTime.addAndGet(Duration.ofMinutes(1).toNanos());
        deliveries.poll();
        assertThat(log.lines()).hasSize(2).last().asString().contains("1 delivered, 0 refused, 1 pending");
    }
}
