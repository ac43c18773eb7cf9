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
 * One line in this program's log for what OpenTelemetry's SDK reports with a stack trace of each batch that it could not
 * send, by java.util.logging and so past the log's format. The spans are lost; nothing else waits for them.
 */
final class ExportFailures extends Handler {

    static final Duration PAUSE = Duration.ofMinutes(10);

    private static final Logger LOG = LoggerFactory.getLogger(ExportFailures.class);

    /** A field, as java.util.logging forgets a logger, and its handlers with it, that nobody refers to. */
    private static final java.util.logging.Logger SDK = java.util.logging.Logger.getLogger("io.opentelemetry");

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
        long now = nanoTime.getAsLong();
        if (reported != null && now - reported < PAUSE.toNanos()) {
            unreported++;
            return;
        }
        LOG.warn(
                "Traces cannot be sent to {} and are lost; nothing else waits for them ({}{}). The next failure is"
                        + " reported in {} minutes at the earliest",
                endpoint,
                new SimpleFormatter().formatMessage(failure).lines().findFirst().orElse("no reason given"),
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
