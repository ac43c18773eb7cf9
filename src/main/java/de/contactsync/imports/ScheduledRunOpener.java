package de.contactsync.imports;

import de.contactsync.imports.RunSummary.End;
import de.contactsync.keyfile.UnreadableKeyFileException;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.persistence.CustomerMarks;
import de.contactsync.persistence.KeySnapshotStore;
import de.contactsync.persistence.Run;
import de.contactsync.persistence.RunLease;
import de.contactsync.persistence.RunStore;
import de.contactsync.persistence.ScheduledRunStore;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The runs of a schedule, one after the other. Asked again and again whether there is something to do: a run that is
 * due, one that was cut off, or one whose process is gone. Which it is, the database knows; nothing is kept here but
 * when to look again. Used by one thread.
 */
public final class ScheduledRunOpener {

    private static final Logger LOG = LoggerFactory.getLogger(ScheduledRunOpener.class);

    private static final Duration RETRY_DELAY = Duration.ofSeconds(30);
    private static final Duration RECONCILIATION_RETRY = Duration.ofHours(1);
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss VV");

    private final TimerSettings settings;
    private final ScheduledRunStore runs;
    private final KeySnapshotStore lists;
    private final RunStore runStore;
    private final RunCoordinator coordinator;
    private final Clock clock;
    private final KeySnapshotBuilder listing;
    private final List<Look> looks;
    private Instant started;
    /** By our clock, when it was looked last whether a run is due. */
    private Instant looked = Instant.MIN;
    /** What was opened last. */
    private Look current;

    /** When to look again for runs of a part. */
    private static final class Look {
        final TimerSettings.Part part;
        final String name;
        Instant announced;
        /** When the next run is due; null when that is not known. */
        Instant due;

        long asideUntil = System.nanoTime();

        Look(TimerSettings.Part part, String name) {
            this.part = part;
            this.name = name;
        }

        boolean isAside() {
            return System.nanoTime() - asideUntil < 0;
        }
    }

    public ScheduledRunOpener(
            TimerSettings settings,
            ScheduledRunStore runs,
            KeySnapshotStore lists,
            RunStore runStore,
            RunCoordinator coordinator,
            CustomerDirectory customers,
            CustomerMarks marks,
            Clock clock) {
        this.settings = settings;
        this.runs = runs;
        this.lists = lists;
        this.runStore = runStore;
        this.coordinator = coordinator;
        this.clock = clock;
        this.listing = new KeySnapshotBuilder(settings, lists, coordinator, customers, marks, clock);
        this.looks = new ArrayList<>(settings.parts().stream()
                .map(part -> new Look(
                        part,
                        ScheduledRunStore.SOURCE + " ("
                                + part.of(settings.keys().name()) + ")"))
                .toList());
        this.current = looks.get(0);
        // As exact as the database.
        this.started = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }

    /** The run to work on now, which may be none. */
    public RunExecution open() {
        if (coordinator.isPaused()) {
            return skipped(End.BUSY, null, "waits");
        }
        try {
            Instant now = clock.instant();
            if (now.isBefore(looked)) {
                // The clock was ahead.
                looks.forEach(look -> look.due = null);
            }
            looked = now;
            Set<String> open = runs.open();
            for (Look look : looks) {
                boolean mayBeDue = look.due == null || !look.due.isAfter(now) || open.contains(look.part.tenant());
                if (mayBeDue && !look.isAside()) {
                    current = look;
                    Optional<RunLease> claim = runs.claim(look.part.tenant(), this::due, settings.chunkSize());
                    if (claim.isPresent() && !(claim.get() instanceof RunLease.Busy)) {
                        // The others are first next time.
                        Collections.rotate(looks, -1 - looks.indexOf(look));
                        return open(claim.get());
                    }
                }
            }
            return skipped(End.BUSY, null, "is not due, or another process works on it");
        } catch (ProcessingHaltedException e) {
            return RunCoordinator.notOpened(current.name, e);
        }
    }

    private RunExecution open(RunLease lease) {
        if (lease instanceof RunLease.Granted granted) {
            return begin(granted);
        }
        RunLease.Unclosed unclosed = (RunLease.Unclosed) lease;
        return skipped(unclosed.problem() == null ? End.FINISHED : End.UNREADABLE, unclosed.run(), unclosed.problem());
    }

    private RunExecution begin(RunLease.Granted granted) {
        long runId = granted.run().id();
        UUID tenantId = current.part.id();
        try {
            if (lists.listed(runId).isEmpty() && lists.growth(runId).isEmpty()) {
                listing.build(runId, tenantId);
            }
            SnapshotKeyReader keys = new SnapshotKeyReader(lists, runId, () -> listing.appendPage(runId, tenantId));
            return coordinator.begin(new ChunkIterator(
                    new RunSource.InTables(current.name, lists.listed(runId).orElse(-1)),
                    granted,
                    new KeyRecordReader(keys, settings.tenants())));
        } catch (UnreadableKeyFileException e) {
            // A run of nothing: the next one looks whether it can be read then.
            return skipped(End.UNREADABLE, runStore.finish(runId, 0, e.getMessage()), e.getMessage());
        } catch (ProcessingHaltedException e) {
            return notBegun(runId, e);
        } catch (SQLException e) {
            return notBegun(
                    runId,
                    new ProcessingHaltedException(
                            "the list of keys seen so far finds no room among the temporary files: " + e.getMessage(),
                            e));
        }
    }

    /** Others that share the database may try too: what fails here need not fail there. */
    private RunExecution notBegun(long runId, ProcessingHaltedException reason) {
        try {
            runStore.halt(runId, reason.getMessage());
        } catch (ProcessingHaltedException e) {
            // The database is away, or the run is another process's by now: neither leaves anything to be said.
            LOG.debug("the halt could not be written down", e);
        }
        return RunCoordinator.notOpened(current.name, reason);
    }

    /** @param latest when the latest run was begun, null when none was */
    private Instant due(Instant latest) {
        Instant now = clock.instant();
        if (started.isAfter(now)) {
            // The clock was ahead.
            started = now.truncatedTo(ChronoUnit.MILLIS);
        }
        if (settings.runNow() && (latest == null || latest.isBefore(started))) {
            return now;
        }
        Instant due = settings.schedule().after(latest == null ? started : latest);
        current.due = due;
        if (due != null && !due.equals(current.announced)) {
            current.announced = due;
            LOG.info(
                    "{}: {}, next at {}",
                    current.name,
                    settings.schedule(),
                    TIME.format(due.atZone(settings.schedule().zone())));
        }
        return due;
    }

    /** What comes after a pass: the end of its run, or when to look again. */
    public void finalizeRun(RunSummary summary) {
        String name = current.name;
        switch (summary.end()) {
            case FINISHED -> {
                LOG.info("{}: {}", name, summary.run().totals());
                lists.customers(summary.run().id()).ifPresent(this::tellOfCustomers);
                listing.finish(summary.run().id(), current.part.id(), name);
                runStore.close(summary.run().id());
            }
            case UNREADABLE -> {
                // Not the message: it quotes the file, which may be a list of people.
                LOG.error(
                        "{}: the keys cannot be read, so nothing was asked for; why stands in import_run.halt_reason of"
                                + " run {}. The next run tries again",
                        name,
                        summary.run().id());
                runStore.close(summary.run().id());
            }
            case HALTED -> {
                if (coordinator.isStopping()) {
                    LOG.info("{} goes on at the next start", name);
                } else if (summary.outage() != null) {
                    LOG.debug("{} waits: {}", name, summary.message());
                    checkAgainAfter(summary.outage().untilNextTry());
                } else if (summary.run() != null && summary.run().haltedAtEnd()) {
                    LOG.error("{} is halted: {}", name, summary.message());
                } else {
                    LOG.error("{} goes on in {} s: {}", name, RETRY_DELAY.toSeconds(), summary.message());
                    checkAgainAfter(RETRY_DELAY);
                }
            }
            case UNBALANCED -> {
                LOG.error("{} does not add up, please report this: {}", name, summary.message());
                checkAgainAfter(RECONCILIATION_RETRY);
            }
            case BUSY -> LOG.trace("{} {}", name, summary.message());
        }
    }

    private void tellOfCustomers(KeySnapshotStore.Customers customers) {
        String name = current.name;
        if (customers.brokenOff()) {
            LOG.warn("{}: {}, so customers may be missing; see the dead letters of this run", name, customers);
        } else if (customers.differs()) {
            LOG.warn(
                    "{}: {}; JTL counts {} customers. Where none was added or deleted during the run, {}: compare with"
                            + " JTL-Wawi",
                    name,
                    customers,
                    customers.total(),
                    cause(customers));
        } else {
            LOG.info("{}: {}", name, customers);
        }
    }

    /** Of a difference that is none in time. */
    static String cause(KeySnapshotStore.Customers customers) {
        return customers.listed() < customers.total()
                ? "something between here and JTL leaves some out"
                : "JTL's count is too small or some came twice";
    }

    private void checkAgainAfter(Duration time) {
        current.asideUntil = System.nanoTime() + time.toNanos();
    }

    private RunExecution skipped(End end, Run run, String message) {
        return new RunExecution.Skipped(
                new RunSummary(current.name, null, end, run, -1, run == null ? 0 : run.done(), 0, message, null));
    }
}
