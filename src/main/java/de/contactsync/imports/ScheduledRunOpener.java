package de.contactsync.imports;

import de.contactsync.imports.RunSummary.End;
import de.contactsync.model.ProcessingHaltedException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
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
    private final ScheduledRuns runs;
    private final RunCoordinator coordinator;
    private final Clock clock;
    private final List<Look> looks;
    private Instant started;
    /** By our clock, when it was looked last whether a run is due. */
    private Instant looked = Instant.MIN;
    /** What was opened last. */
    private Look current;

    /** When to look again for runs of a part. */
    private static final class Look {
        final TimerSettings.Part part;
        Instant announced;
        /** When the next run is due; null when that is not known. */
        Instant due;

        long asideUntil = System.nanoTime();

        Look(TimerSettings.Part part) {
            this.part = part;
        }

        boolean isAside() {
            return System.nanoTime() - asideUntil < 0;
        }
    }

    public ScheduledRunOpener(TimerSettings settings, ScheduledRuns runs, RunCoordinator coordinator, Clock clock) {
        this.settings = settings;
        this.runs = runs;
        this.coordinator = coordinator;
        this.clock = clock;
        this.looks = new ArrayList<>(settings.parts().stream().map(Look::new).toList());
        this.current = looks.get(0);
        // As exact as the database.
        this.started = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }

    /** The run to work on now, which may be none. */
    public RunExecution open() {
        if (coordinator.isPaused()) {
            return ScheduledRuns.skipped(current.part, End.BUSY, null, "waits");
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
                    RunExecution execution = runs.open(look.part, this::due);
                    if (!RunExecution.isBusy(execution)) {
                        // The others are first next time.
                        Collections.rotate(looks, -1 - looks.indexOf(look));
                        return execution;
                    }
                }
            }
            return ScheduledRuns.skipped(
                    current.part, End.BUSY, null, "is not due, or another process is working on it");
        } catch (ProcessingHaltedException e) {
            return RunExecution.notOpened(current.part.name(), e);
        }
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
                    current.part.name(),
                    settings.schedule(),
                    TIME.format(due.atZone(settings.schedule().zone())));
        }
        return due;
    }

    /** What comes after a pass: the end of its run, or when to look again. */
    public void finalizeRun(RunSummary summary) {
        String name = current.part.name();
        switch (summary.end()) {
            case FINISHED -> {
                LOG.info("{}: {}", name, summary.run().totals());
                runs.close(current.part, summary);
            }
            case UNREADABLE -> {
                // Not the message: it quotes the file, which may be a list of people.
                LOG.error(
                        "{}: the keys cannot be read, so no look-ups were made; the reason is in import_run.halt_reason"
                                + " of run {}. The next run tries again",
                        name,
                        summary.run().id());
                runs.close(current.part, summary);
            }
            case HALTED -> {
                if (coordinator.isStopping()) {
                    LOG.info("{} resumes at the next start", name);
                } else if (summary.outage() != null) {
                    LOG.debug("{} waits: {}", name, summary.message());
                    checkAgainAfter(summary.outage().untilNextTry());
                } else if (summary.run() != null && summary.run().haltedAtEnd()) {
                    LOG.error("{} is halted: {}", name, summary.message());
                } else {
                    LOG.error("{} resumes in {} s: {}", name, RETRY_DELAY.toSeconds(), summary.message());
                    checkAgainAfter(RETRY_DELAY);
                }
            }
            case UNBALANCED -> {
                LOG.error("{}: reconciliation failed, please report this: {}", name, summary.message());
                checkAgainAfter(RECONCILIATION_RETRY);
            }
            case BUSY -> LOG.trace("{} {}", name, summary.message());
        }
    }

    private void checkAgainAfter(Duration time) {
        current.asideUntil = System.nanoTime() + time.toNanos();
    }
}
