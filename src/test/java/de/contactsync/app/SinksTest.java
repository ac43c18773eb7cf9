package de.contactsync.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.contactsync.outbox.DeliveryCounts;
import de.contactsync.outbox.Outbox;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.Test;

/** What a command sends to several sinks before it ends. */
class SinksTest {

    private static DeliverySummary summary(String sink) {
        return new DeliverySummary("route:" + sink, sink, DeliveryCounts.NONE, null, 0, 0);
    }

    private static List<DeliverySummary> flush(SinkModule... sinks) {
        List<DeliveryCounts> since =
                Stream.of(sinks).map(sink -> DeliveryCounts.NONE).toList();
        return new Sinks(List.of(sinks)).flush(since, Duration.ofMinutes(1), () -> false);
    }

    /** Once, the rest of a list waited for ten minutes, until another sink that failed had been given up. */
    @Test
    void a_failing_sink_does_not_delay_the_others() {
        CountDownLatch sent = new CountDownLatch(1);

        List<DeliverySummary> summaries = flush(
                new Sink("failing", () -> {
                    try {
                        assertThat(sent.await(30, TimeUnit.SECONDS))
                                .as("the other has been sent what waits")
                                .isTrue();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    return summary("failing");
                }),
                new Sink("healthy", () -> {
                    sent.countDown();
                    return summary("healthy");
                }));

        assertThat(summaries).extracting(DeliverySummary::sink).containsExactly("failing", "healthy");
    }

    @Test
    void what_goes_wrong_in_one_reaches_whoever_waits() {
        assertThatThrownBy(() -> flush(new Sink("broken", () -> {
                    throw new IllegalStateException("broken");
                })))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("broken");
    }

    private record Sink(String sink, Supplier<DeliverySummary> sending) implements SinkModule {

        @Override
        public Outbox outbox() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void bind(RuntimeAdapter runtime) {}

        @Override
        public void start(CamelContext camel, boolean lingering) {}

        @Override
        public void markAll() {}

        @Override
        public DeliverySummary flush(DeliveryCounts since, Duration maxWait, BooleanSupplier stopping) {
            return sending.get();
        }

        @Override
        public void stop() {}

        @Override
        public void close() {}
    }
}
