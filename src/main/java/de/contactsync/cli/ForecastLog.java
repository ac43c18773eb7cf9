package de.contactsync.cli;

import de.contactsync.app.Application;
import de.contactsync.imports.ChunkIterator;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.resilience.QuotaView;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says in the log how far the file under way is: every minute, and once when it begins to wait for JTL's quota. */
final class ForecastLog implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ForecastLog.class);

    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Duration INTERVAL = Duration.ofMinutes(1);

    private final Application application;
    private final Clock clock;
    private final ScheduledExecutorService ticker = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "forecast");
        thread.setDaemon(true);
        return thread;
    });
    private ChunkIterator pass;
    private Instant logged;
    private boolean limited;

    /** @param clock in the time zone of those who read the log */
    ForecastLog(Application application, Clock clock) {
        this.application = application;
        this.clock = clock;
    }

    static ForecastLog start(Application application) {
        ForecastLog log = new ForecastLog(application, Clock.systemDefaultZone());
        log.ticker.scheduleWithFixedDelay(log::poll, LOOK.toMillis(), LOOK.toMillis(), TimeUnit.MILLISECONDS);
        return log;
    }

    void poll() {
        Optional<ChunkIterator> underWay = application.coordinator().active();
        if (underWay.isEmpty()) {
            return;
        }
        Instant now = clock.instant();
        if (underWay.get() != pass) {
            pass = underWay.get();
            logged = now;
            limited = false;
        }
        boolean begins =
                !limited && application.quota().filter(QuotaView::limiting).isPresent();
        if (begins || Duration.between(logged, now).compareTo(INTERVAL) >= 0) {
            limited |= begins;
            logged = now;
            log();
        }
    }

    private void log() {
        try {
            LOG.info("{}", ProgressLine.of(pass.name(), pass, application, clock));
        } catch (ProcessingHaltedException e) {
            LOG.debug("the pass itself meets the same failure and reports it", e);
        }
    }

    @Override
    public void close() {
        ticker.shutdownNow();
    }
}
