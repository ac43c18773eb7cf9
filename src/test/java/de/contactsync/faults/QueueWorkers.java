package de.contactsync.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import de.contactsync.brokers.ArtemisBroker;
import de.contactsync.product.KeyFiles;
import de.contactsync.product.Product;
import de.contactsync.product.RunningProduct;
import de.contactsync.product.Tables;
import de.contactsync.simulator.JtlSimulator;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Processes that take keys from the queue of an Artemis, a PostgreSQL that they share, and the account at the end. */
final class QueueWorkers implements AutoCloseable {

    static final String QUEUE = "contact-keys";

    private static final Duration LONG = Duration.ofSeconds(90);
    private static final Duration SHORT = Duration.ofMillis(500);

    final ArtemisBroker artemis;
    final Product product;
    final Tables tables;
    private final JtlSimulator jtl;
    private final List<RunningProduct> workers = new ArrayList<>();

    QueueWorkers(Path folder, ArtemisBroker artemis, EmbeddedPostgres postgres, JtlSimulator jtl) throws IOException {
        this.artemis = artemis;
        this.jtl = jtl;
        product = Product.in(folder.resolve("work"))
                .against(jtl)
                .with("contacts.sources", "queue")
                .with("contacts.sinks", "database,queue")
                .with("contacts.queue.url", artemis.url())
                .with("contacts.database.url", postgres.getJdbcUrl("postgres", "postgres"))
                .with("contacts.database.username", "postgres")
                .with("contacts.database.password", "postgres");
        tables = Tables.of(product);
    }

    /** Another one; returns when it takes messages. */
    RunningProduct start() throws IOException {
        RunningProduct worker = product.start("run");
        workers.add(worker);
        await().atMost(LONG).until(() -> {
            assertThat(worker.isAlive()).as(worker.toString()).isTrue();
            return worker.stderr().contains("Taking keys from the queue");
        });
        return worker;
    }

    void send(KeyFiles keys) {
        List<ArtemisBroker.MessageMaker> makers = new ArrayList<>();
        for (String text : keys.messages()) {
            makers.add(session -> session.createTextMessage(text));
        }
        artemis.sendAll(QUEUE, makers);
    }

    /** Messages that have come to their end so far; 0 as long as there are no tables. */
    long done() {
        try {
            return tables.number("SELECT (SELECT count(*) FROM contact) + (SELECT count(*) FROM dead_letter)");
        } catch (IllegalStateException e) {
            return 0;
        }
    }

    void awaitDone(long count, Duration patience) {
        await().atMost(patience).pollInterval(Duration.ofMillis(30)).until(() -> done() >= count);
    }

    /**
     * Nothing lost, nothing doubled: tables, queues and what was published.
     *
     * @return outputs that came more than once, with the same id
     */
    int assertAllThere(KeyFiles keys, String circumstances) throws IOException, JMSException {
        await().atMost(LONG).alias(circumstances).until(() -> artemis.count(QUEUE) == 0);
        int unknown = keys.keys().size() - keys.contacts(jtl).size();
        assertThat(tables.contacts()).as(circumstances).isEqualTo(keys.contacts(jtl));
        assertThat(tables.number("SELECT count(*) FROM dead_letter WHERE reason = 'not-found'"))
                .as(circumstances)
                .isEqualTo(unknown);
        assertThat(tables.number("SELECT count(*) FROM dead_letter"))
                .as(circumstances)
                .isEqualTo(unknown);
        assertThat(artemis.browse(ArtemisBroker.DEAD_LETTERS))
                .as("given up by the broker, " + circumstances)
                .isEmpty();
        for (RunningProduct worker : workers) {
            if (worker.isAlive()) {
                worker.terminate();
                assertThat(worker.exitCode(Duration.ofSeconds(30)))
                        .as(worker.toString())
                        .isZero();
            }
        }
        return assertPublished("contacts-enriched", keys.keys().size() - unknown, circumstances)
                + assertPublished("contacts-dead-letter", unknown, circumstances);
    }

    private int assertPublished(String queue, int count, String circumstances) throws JMSException {
        Set<String> ids = new HashSet<>();
        List<Message> messages = artemis.receiveAll(queue, SHORT);
        for (Message message : messages) {
            ids.add(message.getStringProperty("messageId"));
        }
        assertThat(ids).as(queue + ", " + circumstances).hasSize(count);
        return messages.size() - count;
    }

    @Override
    public void close() {
        product.close();
    }
}
