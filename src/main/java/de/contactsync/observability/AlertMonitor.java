package de.contactsync.observability;

import de.contactsync.config.AlertSettings;
import de.contactsync.imports.Schedule;
import de.contactsync.outbox.Alert;
import de.contactsync.outbox.Alerts;
import de.contactsync.resilience.Outage;
import de.contactsync.resilience.Outage.Kind;
import de.contactsync.resilience.Outage.Scope;
import de.contactsync.resilience.QuotaUsage;
import de.contactsync.resilience.QuotaView;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks every few seconds for what people must be notified of, and passes it to {@link Alerts}. */
public final class AlertMonitor implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(AlertMonitor.class);

    private static final Duration LOOK = Duration.ofSeconds(5);
    private static final Duration FORGET = Duration.ofHours(1);
    /** A quota of minutes is always nearly spent, by intent. */
    private static final Duration LONG_QUOTA = Duration.ofHours(1);

    private static final double NEARLY_SPENT = 0.9;
    /** More tenants than these are reported as one. */
    static final int TENANTS = 5;

    /**
     * What a schedule says of itself.
     *
     * @param begun when the latest run began; null when none has
     */
    public record Scheduled(Schedule schedule, Supplier<Instant> begun) {}

    private final Watched watched;
    private final AlertSettings settings;
    private final Alerts alerts;
    private final Scheduled scheduled;
    private final Consumer<Alert> direct;
    private final Clock clock;
    private final Instant started;
    private final ScheduledExecutorService ticker = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "alerts");
        thread.setDaemon(true);
        return thread;
    });
    private long accepted = -1;
    private Instant lastUnseen = Instant.EPOCH;
    private Instant forgotAt = Instant.EPOCH;
    private boolean databaseReported;

    /**
     * @param scheduled null when there is no schedule
     * @param direct    notifies people at once, past the database
     */
    public AlertMonitor(
            MonitoredComponents components,
            AlertSettings settings,
            Alerts alerts,
            Scheduled scheduled,
            Consumer<Alert> direct,
            Clock clock) {
        this(Watched.of(components), settings, alerts, scheduled, direct, clock);
    }

    AlertMonitor(
            Watched watched,
            AlertSettings settings,
            Alerts alerts,
            Scheduled scheduled,
            Consumer<Alert> direct,
            Clock clock) {
        this.watched = watched;
        this.settings = settings;
        this.alerts = alerts;
        this.scheduled = scheduled;
        this.direct = direct;
        this.clock = clock;
        this.started = clock.instant();
    }

    public AlertMonitor start() {
        ticker.scheduleWithFixedDelay(this::tick, LOOK.toMillis(), LOOK.toMillis(), TimeUnit.MILLISECONDS);
        return this;
    }

    private void tick() {
        try {
            look();
        } catch (RuntimeException e) {
            // Whatever it is: the next look may succeed, and a monitor that has ended would look well.
            LOG.debug("alert conditions cannot be evaluated now", e);
        }
    }

    /** Once. */
    void look() {
        if (watched.databaseAway().getAsBoolean()) {
            reportDatabase();
            return;
        }
        if (databaseReported) {
            databaseReported = false;
            direct.accept(AlertTexts.databaseIsBack());
        }
        List<Alert> current = new ArrayList<>(outages());
        Set<String> well = new HashSet<>();
        quota(current, well);
        silence(current, well);
        missedSchedule(current, well);
        watched.oldestPending().forEach((sink, since) -> {
            Instant oldest = since.get();
            if (oldest == null || !isOverdue(oldest)) {
                well.add(AlertTexts.deliveriesTo(sink));
            } else {
                current.add(AlertTexts.pending(sink, oldest));
            }
        });
        // A process that has just started has not met every tenant that is away.
        if (watched.tenantsPass().getAsBoolean() && isOverdue(started)) {
            well.add(AlertTexts.TENANTS);
        }
        alerts.update(
                current,
                subject -> well.contains(subject) || watched.passing().test(subject)
                        ? Alerts.wellAgain(subject)
                        : AlertTexts.unwatched(subject, watched.oldestPending().keySet()));
        if (forgotAt.plus(FORGET).isBefore(clock.instant())) {
            forgotAt = clock.instant();
            alerts.forget();
        }
    }

    /** What cannot be stored where it belongs is reported at once. */
    private void reportDatabase() {
        Optional<Outage> outage = watched.outages().get().stream()
                .filter(each -> each.what().startsWith("the database "))
                .filter(each -> each.length().compareTo(settings.after()) >= 0)
                .findFirst();
        if (outage.isPresent() && !databaseReported) {
            direct.accept(AlertTexts.outage(outage.get()));
            databaseReported = true;
        }
    }

    private List<Alert> outages() {
        List<Outage> reported = watched.outages().get().stream()
                .filter(outage ->
                        outage.kind() != Kind.PASSING || outage.length().compareTo(settings.after()) >= 0)
                .toList();
        List<Outage> tenants = reported.stream()
                .filter(outage -> outage.scope() == Scope.TENANT)
                .toList();
        List<Alert> current = new ArrayList<>();
        if (tenants.size() > TENANTS) {
            current.add(AlertTexts.tenants(tenants));
        }
        reported.stream()
                .filter(outage -> outage.scope() != Scope.TENANT || tenants.size() <= TENANTS)
                .map(AlertTexts::outage)
                .forEach(current::add);
        return current;
    }

    private void quota(List<Alert> current, Set<String> well) {
        Optional<QuotaView> view =
                watched.quota().get().filter(each -> each.interval().compareTo(LONG_QUOTA) >= 0);
        Optional<QuotaUsage> usage = watched.usage().get();
        if (view.isEmpty() || usage.isEmpty()) {
            return;
        }
        if (usage.get().usedShare() < NEARLY_SPENT) {
            well.add(AlertTexts.QUOTA);
        } else {
            current.add(AlertTexts.quota(usage.get(), view.get().interval()));
        }
    }

    /** Keys are counted when they have come to their end, so that of those that wait for JTL nothing is seen. */
    private void silence(List<Alert> current, Set<String> well) {
        if (settings.silence() == null) {
            return;
        }
        long now = watched.accepted().getAsLong();
        boolean arrived = accepted >= 0 && now != accepted;
        accepted = now;
        Instant last = alerts.lastArrival(arrived);
        if (!isSilent(last)) {
            well.add(AlertTexts.ARRIVAL);
        } else if (watched.outages().get().stream().anyMatch(outage -> outage.scope() != Scope.SINK)) {
            lastUnseen = clock.instant();
        } else if (isSilent(lastUnseen)) {
            current.add(AlertTexts.silence(last));
        }
    }

    private boolean isSilent(Instant since) {
        return !since.plus(settings.silence()).isAfter(clock.instant());
    }

    private void missedSchedule(List<Alert> current, Set<String> well) {
        if (scheduled == null) {
            return;
        }
        Instant begun = scheduled.begun.get();
        Instant due = scheduled.schedule.after(begun == null ? started : begun);
        if (due != null && isOverdue(due)) {
            current.add(AlertTexts.missed(due));
        } else if (begun != null) {
            well.add(AlertTexts.SCHEDULE);
        }
    }

    private boolean isOverdue(Instant since) {
        return !since.plus(settings.after()).isAfter(clock.instant());
    }

    @Override
    public void close() {
        ticker.shutdownNow();
    }
}
