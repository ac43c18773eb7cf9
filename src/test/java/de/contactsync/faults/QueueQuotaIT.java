package de.contactsync.faults;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.FreePort;
import de.contactsync.brokers.ArtemisBroker;
import de.contactsync.product.KeyFiles;
import de.contactsync.product.RunningProduct;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.Quota;
import de.contactsync.simulator.SimulatorOptions;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** While JTL's quota is spent, messages stay at the broker, where every worker gets at them. */
class QueueQuotaIT {

    private static final int MESSAGES = Scale.of(300, 500);
    private static final Duration WINDOW = Duration.ofSeconds(10);
    private static final Pattern STORED =
            Pattern.compile("contacts_keys_total\\{[^}]*outcome=\"stored\"[^}]*} ([0-9.E]+)");

    @TempDir
    Path folder;

    @Test
    void two_workers_keep_one_quota_and_the_one_that_comes_later_is_not_starved() throws Exception {
        KeyFiles keys = KeyFiles.good(Scale.SEED + 2, MESSAGES);
        Quota quota = new Quota(60, WINDOW, Quota.Window.SLIDING, false, true);
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start();
                ArtemisBroker artemis = ArtemisBroker.start(folder.resolve("artemis"));
                JtlSimulator jtl = JtlSimulator.start(
                        SimulatorOptions.builder().quota(quota).countKeys(true).build());
                QueueWorkers workers = new QueueWorkers(folder, artemis, postgres, jtl)) {
            int firstPort = FreePort.next();
            int secondPort = FreePort.next();
            workers.product.with("contacts.status.port", firstPort);
            RunningProduct first = workers.start();
            workers.send(keys);
            workers.awaitDone(10, Duration.ofSeconds(30));
            workers.product.with("contacts.status.port", secondPort);
            RunningProduct second = workers.start();
            long began = System.nanoTime();
            workers.awaitDone(MESSAGES, Duration.ofMinutes(4));
            double seconds = (System.nanoTime() - began) / 1e9;

            List<Long> shares = List.of(stored(firstPort), stored(secondPort));
            long refused = jtl.stats().statuses().getOrDefault(429, 0L);
            System.out.printf(
                    "%d messages by a quota of 60 in 10 s: %.0f s, refused %d, stored by each worker %s%n",
                    MESSAGES, seconds, refused, shares);
            String circumstances = shares + "\n" + first + "\n" + second;
            assertThat(refused).as(circumstances).isLessThanOrEqualTo(2);
            assertThat(shares.get(0) + shares.get(1)).as(circumstances).isEqualTo(MESSAGES);
            assertThat(shares.get(1))
                    .as("what the one got that came later, " + circumstances)
                    .isGreaterThanOrEqualTo(MESSAGES / 4);
            workers.assertAllThere(keys, circumstances);
            assertThat(jtl.askedAgain()).hasSizeLessThanOrEqualTo((int) refused);
        }
    }

    private static long stored(int port) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/observe/metrics"))
                .build();
        String metrics = HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString())
                .body();
        Matcher matcher = STORED.matcher(metrics);
        return matcher.find() ? (long) Double.parseDouble(matcher.group(1)) : 0;
    }
}
