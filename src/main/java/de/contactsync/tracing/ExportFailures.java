package de.contactsync.tracing;

import java.net.URI;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes into this program's log what OpenTelemetry's SDK reports by java.util.logging, and so past the log's format:
 * batches that could not be sent, each with a stack trace, as one line in ten minutes. Their spans are lost.
 */
final class ExportFailures extends Handler {

    static final Duration PAUSE = Duration.ofMinutes(10);

    private static final Logger LOG = LoggerFactory.getLogger(ExportFailures.class);

    /** A field, as java.util.logging forgets a logger, and its handlers with it, that nobody refers to. */
    private static final java.util.logging.Logger SDK = java.util.logging.Logger.getLogger("io.opentelemetry");

    /** What the names of the loggers begin with that report batches which could not be sent. */
    private static final String EXPORTERS = "io.opentelemetry.exporter.";

    private final URI endpoint;
    private final LongSupplier nanoTime;
    private int unreported;
    /** Reading of {@link #nanoTime}; null before the first line. */
    private Long reported;

    private ExportFailures(URI endpoint, LongSupplier nanoTime) {
        this.endpoint = endpoint;
        this.nanoTime = nanoTime;
    }

    static ExportFailures install(URI endpoint, LongSupplier nanoTime) {
        ExportFailures failures = new ExportFailures(endpoint, nanoTime);
        SDK.setUseParentHandlers(false);
        SDK.addHandler(failures);
        return failures;
    }

    @Override
    public synchronized void publish(LogRecord failure) {
        if (failure.getLevel().intValue() < Level.WARNING.intValue()) {
            return;
        }
        String reason =
                new SimpleFormatter().formatMessage(failure).lines().findFirst().orElse("no reason given");
        if (!String.valueOf(failure.getLoggerName()).startsWith(EXPORTERS)) {
            LOG.warn("OpenTelemetry: {}", reason);
            return;
        }
        long now = nanoTime.getAsLong();
        if (reported != null && now - reported < PAUSE.toNanos()) {
            unreported++;
            return;
        }
        LOG.warn(
                "Traces cannot be sent to {} and are lost; nothing else waits for them ({}{}). The next failure is"
                        + " reported in {} minutes at the earliest",
                endpoint,
                reason,
                unreported == 0 ? "" : "; " + unreported + " more failures since the last report",
                PAUSE.toMinutes());
        reported = now;
        unreported = 0;
    }

    @Override
    public void flush() {
        // Nothing is kept back.
    }

    @Override
    public void close() {
        SDK.removeHandler(this);
        SDK.setUseParentHandlers(true);
    }
}
