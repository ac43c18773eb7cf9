package de.contactsync.observability;

import de.contactsync.config.AlertSettings;
import de.contactsync.imports.Schedule;
import de.contactsync.outbox.Alert;
import de.contactsync.outbox.Alert.Severity;
import de.contactsync.outbox.Alerts;
import de.contactsync.resilience.Outage;
import de.contactsync.resilience.Outage.Kind;
import de.contactsync.resilience.Outage.Scope;
import de.contactsync.resilience.QuotaUsage;
import de.contactsync.resilience.QuotaView;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
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
    private static final int TENANTS = 5;

    private static final String MANY_TENANTS = "tenants of JTL";
    private static final String QUOTA = "the quota of JTL";
    private static final String ARRIVAL = "arrival of keys";
    private static final String SCHEDULE = "the schedule";

    /**
     * What a schedule says of itself.
     *
     * @param begun when the latest run began; null when none has
     */
    public record Scheduled(Schedule schedule, Supplier<Instant> begun) {}

    /**
     * What is looked at.
     *
     * @param passing       whether calls pass of what an outage would name
     * @param tenantsPass   whether calls pass of tenants, and few of those are away
     * @param usage         of the quota that is nearest its limit
     * @param accepted      keys that have come to their end
     * @param oldestPending since when a sink has been waited for, by its name; gives null when nothing waits
     */
    record Watched(
            BooleanSupplier databaseAway,
            Supplier<List<Outage>> outages,
            Predicate<String> passing,
            BooleanSupplier tenantsPass,
            Supplier<Optional<QuotaView>> quota,
            Supplier<Optional<QuotaUsage>> usage,
            LongSupplier accepted,
            Map<String, Supplier<Instant>> oldestPending) {

        static Watched of(MonitoredComponents components) {
            return new Watched(
                    components.database()::isAway,
                    components.breakers()::outages,
                    components.breakers()::isPassing,
                    () -> components.breakers().isAnyTenantPassing()
                            && components.breakers().tenantsAway() <= TENANTS,
                    components.calls()::quota,
                    components.calls()::tightestQuota,
                    () -> components.store().committed().accepted(),
                    components.outboxes().entrySet().stream()
                            .collect(Collectors.toMap(Map.Entry::getKey, sink -> sink.getValue()::oldestPending)));
        }
    }

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
    private boolean databaseTold;

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
            LOG.debug("what is wrong cannot be reported now", e);
        }
    }

    /** Once. */
    void look() {
        if (watched.databaseAway.getAsBoolean()) {
            tellOfDatabase();
            return;
        }
        if (databaseTold) {
            databaseTold = false;
            direct.accept(new Alert("out-of-reach", "the database", Severity.INFO, "All well again: the database."));
        }
        List<Alert> current = new ArrayList<>(outages());
        Set<String> well = new HashSet<>();
        quota(current, well);
        silence(current, well);
        missedSchedule(current, well);
        watched.oldestPending.forEach((sink, since) -> {
            String deliveries = "deliveries to " + sink;
            Instant oldest = since.get();
            if (oldest == null || !isOverdue(oldest)) {
                well.add(deliveries);
            } else {
                current.add(new Alert(
                        "deliveries-pending",
                        deliveries,
                        Severity.WARNING,
                        "Contacts have been waiting to be sent to " + sink + " since " + shown(oldest)
                                + ". The log says what the receiver answers."));
            }
        });
        // A process that has just started has not met every tenant that is away.
        if (watched.tenantsPass.getAsBoolean() && isOverdue(started)) {
            well.add(MANY_TENANTS);
        }
        alerts.update(current, subject -> well.contains(subject) || watched.passing.test(subject));
        if (forgotAt.plus(FORGET).isBefore(clock.instant())) {
            forgotAt = clock.instant();
            alerts.forget();
        }
    }

    /** What cannot be stored where it belongs is reported at once. */
    private void tellOfDatabase() {
        Optional<Outage> outage = watched.outages.get().stream()
                .filter(each -> each.what().startsWith("the database "))
                .filter(each -> each.length().compareTo(settings.after()) >= 0)
                .findFirst();
        if (outage.isPresent() && !databaseTold) {
            direct.accept(alert(outage.get()));
            databaseTold = true;
        }
    }

    private List<Alert> outages() {
        List<Outage> reported = watched.outages.get().stream()
                .filter(outage ->
                        outage.kind() != Kind.PASSING || outage.length().compareTo(settings.after()) >= 0)
                .toList();
        List<Outage> tenants = reported.stream()
                .filter(outage -> outage.scope() == Scope.TENANT)
                .toList();
        List<Alert> current = new ArrayList<>();
        if (tenants.size() > TENANTS) {
            current.add(new Alert(
                    "out-of-reach",
                    MANY_TENANTS,
                    Severity.ERROR,
                    tenants.size() + " tenants of JTL are out of reach, such as "
                            + tenants.get(0).what() + ": "
                            + Alert.withoutQuotes(tenants.get(0).reason()) + " Their keys wait."));
        }
        reported.stream()
                .filter(outage -> outage.scope() != Scope.TENANT || tenants.size() <= TENANTS)
                .map(AlertMonitor::alert)
                .forEach(current::add);
        return current;
    }

    private static Alert alert(Outage outage) {
        boolean refused = outage.kind() != Kind.PASSING;
        return new Alert(
                refused ? "refused" : "out-of-reach",
                outage.what(),
                outage.scope() == Scope.SINK && !refused ? Severity.WARNING : Severity.ERROR,
                (refused
                                ? "A person has to act: "
                                : outage.what() + " has been out of reach since " + shown(outage.since()) + ": ")
                        + Alert.withoutQuotes(outage.reason())
                        + " Dependent work is paused, and nothing is lost.");
    }

    private void quota(List<Alert> current, Set<String> well) {
        Optional<QuotaView> view =
                watched.quota.get().filter(each -> each.interval().compareTo(LONG_QUOTA) >= 0);
        Optional<QuotaUsage> usage = watched.usage.get();
        if (view.isEmpty() || usage.isEmpty()) {
            return;
        }
        if (usage.get().usedShare() < NEARLY_SPENT) {
            well.add(QUOTA);
        } else {
            current.add(new Alert(
                    "quota",
                    QUOTA,
                    Severity.WARNING,
                    "The quota of calls is nearly spent: " + usage.get().used() + " of "
                            + usage.get().limit() + " in "
                            + view.get().interval().toHours() + " h. What is left waits for the next interval."));
        }
    }

    /** Keys are counted when they have come to their end, so that of those that wait for JTL nothing is seen. */
    private void silence(List<Alert> current, Set<String> well) {
        if (settings.silence() == null) {
            return;
        }
        long now = watched.accepted.getAsLong();
        boolean arrived = accepted >= 0 && now != accepted;
        accepted = now;
        Instant last = alerts.lastArrival(arrived);
        if (!isSilent(last)) {
            well.add(ARRIVAL);
        } else if (watched.outages.get().stream().anyMatch(outage -> outage.scope() != Scope.SINK)) {
            lastUnseen = clock.instant();
        } else if (isSilent(lastUnseen)) {
            current.add(new Alert(
                    "silence",
                    ARRIVAL,
                    Severity.WARNING,
                    "No contact key has arrived since " + shown(last)
                            + ". Check whether the program that sends them runs."));
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
            current.add(new Alert(
                    "schedule-missed",
                    SCHEDULE,
                    Severity.WARNING,
                    "The run that was due at " + shown(due)
                            + " has not begun: the one before it has not ended, or is halted."
                            + " The command \"runs\" shows it."));
        } else if (begun != null) {
            well.add(SCHEDULE);
        }
    }

    private boolean isOverdue(Instant since) {
        return !since.plus(settings.after()).isAfter(clock.instant());
    }

    private static String shown(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    @Override
    public void close() {
        ticker.shutdownNow();
    }
}
