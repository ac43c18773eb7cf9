package de.contactsync.observability;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.persistence.BacklogQueries;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who watches must neither wait for the tables nor keep them busy. */
@Timeout(30)
class BacklogMonitorTest {

    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    private final AtomicLong nanoTime = new AtomicLong();
    private final AtomicInteger looks = new AtomicInteger();
    private Instant file;
    private volatile Callable<BacklogQueries> tables =
            () -> new BacklogQueries(7, Map.of("crm", 9L), NOON.minusSeconds(60));

    private BacklogMonitor backlogMonitor() {
        return new BacklogMonitor(
                () -> {
                    looks.incrementAndGet();
                    return tables.call();
                },
                () -> file,
                Clock.fixed(NOON, ZoneOffset.UTC),
                nanoTime::get);
    }

    private void passes(Duration time) {
        nanoTime.addAndGet(time.toNanos());
    }

    @Test
    void the_oldest_is_a_run_or_a_file_whichever_came_first() {
        try (BacklogMonitor backlogMonitor = backlogMonitor()) {
            assertThat(backlogMonitor.openDeadLetters()).isEqualTo(7);
            assertThat(backlogMonitor.pendingDeliveries("crm")).isEqualTo(9);
            assertThat(backlogMonitor.pendingDeliveries("teams")).isZero();
            assertThat(backlogMonitor.oldestSeconds()).isEqualTo(60);

            file = NOON.minusSeconds(90);
            passes(Duration.ofSeconds(5));
            assertThat(backlogMonitor.oldestSeconds()).isEqualTo(90);

            tables = () -> new BacklogQueries(0, Map.of(), null);
            passes(Duration.ofSeconds(5));
            assertThat(backlogMonitor.oldestSeconds()).isEqualTo(90);

            file = null;
            passes(Duration.ofSeconds(5));
            assertThat(backlogMonitor.oldestSeconds()).isZero();
        }
    }

    @Test
    void however_often_somebody_asks_the_tables_are_looked_up_once_in_five_seconds() {
        try (BacklogMonitor backlogMonitor = backlogMonitor()) {
            for (int i = 0; i < 50; i++) {
                backlogMonitor.openDeadLetters();
                backlogMonitor.oldestSeconds();
                passes(Duration.ofMillis(99));
            }
            assertThat(looks).hasValue(1);
        }
    }

    @Test
    void while_the_tables_do_not_answer_the_figures_of_before_stand() throws Exception {
        CountDownLatch answered = new CountDownLatch(1);
        try (BacklogMonitor backlogMonitor = backlogMonitor()) {
            backlogMonitor.openDeadLetters();
            tables = () -> {
                answered.await();
                return new BacklogQueries(8, Map.of(), null);
            };
            passes(Duration.ofSeconds(5));
            long began = System.nanoTime();
            for (int i = 0; i < 20; i++) {
                assertThat(backlogMonitor.openDeadLetters()).isEqualTo(7);
                passes(Duration.ofSeconds(5));
            }
            assertThat(Duration.ofNanos(System.nanoTime() - began))
                    .as("only the first waits, for half a second")
                    .isLessThan(Duration.ofSeconds(5));
            assertThat(looks).as("no second look while one is under way").hasValue(2);

            answered.countDown();
            Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> backlogMonitor.openDeadLetters() == 8);
        }
    }

    @Test
    void what_could_not_be_looked_up_is_unknown_and_not_zero() {
        tables = () -> {
            throw new SQLException("away");
        };
        try (BacklogMonitor backlogMonitor = backlogMonitor()) {
            assertThat(backlogMonitor.openDeadLetters()).isNaN();
            assertThat(backlogMonitor.pendingDeliveries("crm")).isNaN();
            assertThat(backlogMonitor.oldestSeconds()).isNaN();
        }
    }
}
