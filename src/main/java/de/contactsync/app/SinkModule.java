package de.contactsync.app;

import de.contactsync.outbox.DeliveryCounts;
import de.contactsync.outbox.Outbox;
import java.time.Duration;
import java.util.function.BooleanSupplier;
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
    DeliverySummary flush(DeliveryCounts since, Duration maxWait, BooleanSupplier stopping);

    /** What is being sent has a few seconds; nothing else is begun. */
    void stop();
}
