package de.contactsync.app;

import de.contactsync.outbox.Outbox;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.apache.camel.CamelContext;

/** One sink that is fed from its own {@link Outbox}, wired together. Closing ends what is being sent. */
interface SinkModule extends AutoCloseable {

    /** As the column {@code delivery.sink} has it. */
    String sink();

    Outbox outbox();

    /** Before Camel is started. */
    void bind(RuntimeAdapter runtime);

    /**
     * Begins to send.
     *
     * @param camel     started
     * @param lingering whether also batches go out that are not full
     * @throws de.contactsync.config.ConfigurationException when it cannot take our contacts as it is set up
     */
    void start(CamelContext camel, boolean lingering) throws Exception;

    /** Marks all contacts to be sent, whatever the sink has. */
    void markAll();

    /**
     * Sends all that waits.
     *
     * @param since what had been recorded when the counting began
     */
    DeliverySummary flush(Outbox.Tally since, Duration maxWait, BooleanSupplier stopping);

    /**
     * Sends all that waits for these, side by side: none waits for another that fails.
     *
     * @param since of each
     */
    static List<DeliverySummary> flush(
            List<? extends SinkModule> sinks, List<Outbox.Tally> since, Duration maxWait, BooleanSupplier stopping) {
        List<CompletableFuture<DeliverySummary>> flushes = IntStream.range(0, sinks.size())
                .mapToObj(i -> CompletableFuture.supplyAsync(
                        () -> sinks.get(i).flush(since.get(i), maxWait, stopping),
                        task -> new Thread(task, "flush-" + sinks.get(i).sink()).start()))
                .toList();
        try {
            return flushes.stream().map(CompletableFuture::join).toList();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    /** What is being sent has a few seconds; nothing else is begun. */
    void stop();
}
