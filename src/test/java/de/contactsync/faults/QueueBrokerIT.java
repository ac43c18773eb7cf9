package de.contactsync.faults;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.brokers.ArtemisBroker;
import de.contactsync.brokers.TcpProxy;
import de.contactsync.product.KeyFiles;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.SimulatorOptions;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The broker goes and comes, connections to it break at the worst moments, the database is away for a while. */
class QueueBrokerIT {

    private static final int RESTARTS = Scale.of(4, 5);
    private static final int CUTS = Scale.of(4, 20);
    private static final int MESSAGES = Scale.of(2_000, 20_000);

    @TempDir
    Path folder;

    private final Random random = new Random(Scale.SEED);
    private final KeyFiles keys = KeyFiles.good(Scale.SEED + 1, MESSAGES);
    private final String circumstances = "seed " + Scale.SEED;
    private EmbeddedPostgres postgres;
    private ArtemisBroker artemis;
    private JtlSimulator jtl;
    private QueueWorkers workers;

    @BeforeEach
    void start() throws Exception {
        postgres = postgres(0);
        artemis = ArtemisBroker.start(folder.resolve("artemis"));
        jtl = JtlSimulator.start(SimulatorOptions.builder()
                .latency(Duration.ofMillis(10))
                .notFoundShare(0.03)
                .countKeys(true)
                .build());
        workers = new QueueWorkers(folder, artemis, postgres, jtl);
        workers.product.with("jtl.concurrency", 4);
    }

    @AfterEach
    void stop() throws Exception {
        workers.close();
        jtl.close();
        artemis.close();
        postgres.close();
    }

    private EmbeddedPostgres postgres(int port) throws Exception {
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setDataDirectory(folder.resolve("postgres"))
                .setCleanDataDirectory(false);
        return (port == 0 ? builder : builder.setPort(port)).start();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void nothing_is_lost_when_the_broker_is_restarted_again_and_again(boolean amqp) throws Exception {
        workers.product.with("contacts.queue.url", amqp ? artemis.amqpUrl() : artemis.url());
        workers.start();
        workers.start();
        workers.send(keys);
        for (int restart = 1; restart <= RESTARTS; restart++) {
            workers.awaitDone((long) MESSAGES * restart / (RESTARTS + 1), Duration.ofMinutes(3));
            WallClock.passes(Duration.ofMillis(random.nextInt(100)));
            if (restart % 2 == 0) {
                artemis.stop();
            } else {
                artemis.kill();
            }
            assertThat(workers.done())
                    .as("all was done before the broker went, " + circumstances)
                    .isLessThan(MESSAGES);
            artemis.restart();
        }
        workers.awaitDone(MESSAGES, Duration.ofMinutes(3));
        int doubled = workers.assertAllThere(keys, circumstances);
        System.out.printf(
                "%d restarts of the broker under two workers over %s in %,d messages: 0 lost, 0 doubled rows, %d"
                        + " outputs came again with the same id%n",
                RESTARTS, amqp ? "amqp://" : "tcp://", MESSAGES, doubled);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void nothing_is_lost_when_the_connection_breaks_while_messages_are_acknowledged(boolean amqp) throws Exception {
        // AMQP, which is spoken to either address: the described type 0x32, discharge.
        Pattern pattern = Pattern.compile("\0S2", Pattern.DOTALL);
        AtomicInteger commits = new AtomicInteger();
        AtomicInteger next = new AtomicInteger(8);
        try (TcpProxy proxy = new TcpProxy(artemis.port())) {
            proxy.watch((piece, length) -> {
                String text = new String(piece, 0, length, StandardCharsets.ISO_8859_1);
                if (proxy.cuts() >= CUTS || !pattern.matcher(text).find() || commits.incrementAndGet() < next.get()) {
                    return TcpProxy.Fate.PASS;
                }
                next.addAndGet(5 + random.nextInt(10));
                return proxy.cuts() % 2 == 0 ? TcpProxy.Fate.CUT_BEHIND : TcpProxy.Fate.CUT_BEFORE;
            });
            workers.product.with("contacts.queue.url", (amqp ? "amqp" : "tcp") + "://127.0.0.1:" + proxy.port());
            workers.start();
            workers.send(keys);
            workers.awaitDone(MESSAGES, Duration.ofMinutes(5));
            int doubled = workers.assertAllThere(keys, circumstances);
            assertThat(proxy.cuts()).as("commits seen: " + commits).isGreaterThanOrEqualTo(CUTS);
            System.out.printf(
                    "%d connections cut at a commit over %s in %,d messages: 0 lost, 0 doubled rows, %d outputs"
                            + " came again with the same id%n",
                    CUTS, amqp ? "amqp://" : "tcp://", MESSAGES, doubled);
        }
    }

    @Test
    void nothing_is_lost_when_database_and_jtl_are_away_for_a_while() throws Exception {
        int port = postgres.getPort();
        workers.start();
        workers.start();
        workers.send(keys);
        workers.awaitDone(MESSAGES / 4, Duration.ofMinutes(2));
        postgres.close();
        WallClock.passes(Duration.ofSeconds(7));
        postgres = postgres(port);
        workers.awaitDone(MESSAGES / 2, Duration.ofMinutes(2));
        int jtlPort = jtl.port();
        jtl.close();
        WallClock.passes(Duration.ofSeconds(10));
        assertThat(workers.done()).isLessThan(MESSAGES);
        jtl = JtlSimulator.start(SimulatorOptions.builder()
                .port(jtlPort)
                .latency(Duration.ofMillis(10))
                .notFoundShare(0.03)
                .countKeys(true)
                .build());
        workers.awaitDone(MESSAGES, Duration.ofMinutes(3));
        workers.assertAllThere(keys, circumstances);
    }
}
