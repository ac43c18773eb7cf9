package de.contactsync.source;

import de.contactsync.contact.HaltException;
import de.contactsync.keys.UnreadableKeyFileException;
import de.contactsync.ledger.Claim;
import de.contactsync.ledger.KeyLists;
import de.contactsync.ledger.Run;
import de.contactsync.ledger.RunLedger;
import de.contactsync.ledger.ScheduledRuns;
import de.contactsync.source.RunSummary.End;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The runs of a schedule. Asked again and again whether there is something to do: a run that is due, one that was cut
 * off, or one whose process is gone. Which it is, the ledger knows; nothing is kept here but when to look again. Used by
 * one thread.
 */
public final class TimerRuns {

    private static final Logger LOG = LoggerFactory.getLogger(TimerRuns.class);

    private static final Duration TRY_AGAIN = Duration.ofSeconds(30);
    private static final Duration UNBALANCED_AGAIN = Duration.ofHours(1);
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss VV");

    private final TimerSettings settings;
    private final ScheduledRuns runs;
    private final KeyLists lists;
    private final RunLedger ledger;
    private final Passes passes;
    private final Clock clock;
    private final KeyListing listing;
    private final String name;
    private Instant started;
    private Instant announced;
    private long asideUntil = System.nanoTime();

    public TimerRuns(TimerSettings settings, ScheduledRuns runs, KeyLists lists, RunLedger ledger, Passes passes,
            CustomerDirectory customers, Clock clock) {
        this.settings = settings;
        this.runs = runs;
        this.lists = lists;
        this.ledger = ledger;
        this.passes = passes;
        this.clock = clock;
        this.listing = new KeyListing(settings, lists, passes, customers);
        this.name = ScheduledRuns.SOURCE + " (" + settings.keys().name() + ")";
        // As exact as the ledger.
        this.started = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }

    /** The run to work on now, which may be none. */
    public Pass open() {
        if (passes.isPaused() || System.nanoTime() - asideUntil < 0) {
            return skipped(End.BUSY, null, "waits");
        }
        try {
            Optional<Claim> claim = runs.claim(this::due, settings.chunkSize());
            return claim.isEmpty() ? skipped(End.BUSY, null, "is not due") : open(claim.get());
        } catch (HaltException e) {
            return Passes.notOpened(name, e);
        }
    }

    private Pass open(Claim claim) {
        if (claim instanceof Claim.Granted granted) {
            return begin(granted);
        }
        if (claim instanceof Claim.Unclosed unclosed) {
            return skipped(unclosed.problem() == null ? End.FINISHED : End.UNREADABLE, unclosed.run(),
                    unclosed.problem());
        }
        return skipped(End.BUSY, null, "another process works on it: " + ((Claim.Busy) claim).owner());
    }

    private Pass begin(Claim.Granted granted) {
        long runId = granted.run().id();
        try {
            if (lists.listed(runId).isEmpty() && lists.growth(runId).isEmpty()) {
                listing.list(runId);
            }
            ListedKeys keys = new ListedKeys(lists, runId, () -> listing.grow(runId));
            return passes.begin(new KeyRun(new KeyOrigin.InTables(name, lists.listed(runId).orElse(-1)), granted,
                    new KeyRecords(keys, settings.tenantId())));
        } catch (UnreadableKeyFileException e) {
            // A run of nothing: the next one looks whether it can be read then.
            return skipped(End.UNREADABLE, ledger.finish(runId, 0, e.getMessage()), e.getMessage());
        } catch (HaltException e) {
            return notBegun(runId, e);
        } catch (SQLException e) {
            return notBegun(runId, new HaltException(
                    "the list of keys seen so far finds no room among the temporary files: " + e.getMessage(), e));
        }
    }

    /** Others that share the database may try too: what fails here need not fail there. */
    private Pass notBegun(long runId, HaltException reason) {
        try {
            ledger.halt(runId, reason.getMessage());
        } catch (HaltException e) {
            // The database is away, or the run is another process's by now: neither leaves anything to be said.
            LOG.debug("the halt could not be written down", e);
        }
        return Passes.notOpened(name, reason);
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
        if (due != null && !due.equals(announced)) {
            announced = due;
            LOG.info("{}: {}, next at {}", name, settings.schedule(), TIME.format(due.atZone(settings.schedule().zone())));
        }
        return due;
    }

    /** What comes after a pass: the end of its run, or when to look again. */
    public void settle(RunSummary summary) {
        switch (summary.end()) {
            case FINISHED -> {
                LOG.info("{}: {}", name, summary.run().account());
                lists.customers(summary.run().id()).ifPresent(this::tellOfCustomers);
                ledger.close(summary.run().id());
            }
            case UNREADABLE -> {
                // Not the message: it quotes the file, which may be a list of people.
                LOG.error("{}: the keys cannot be read, so nothing was asked for; why stands in import_run.halt_reason of"
                        + " run {}. The next run tries again", name, summary.run().id());
                ledger.close(summary.run().id());
            }
            case HALTED -> {
                if (passes.isStopping()) {
                    LOG.info("{} goes on at the next start", name);
                } else if (summary.outage() != null) {
                    LOG.debug("{} waits: {}", name, summary.message());
                    lookAgainIn(summary.outage().untilNextTry());
                } else if (summary.run() != null && summary.run().haltedAtEnd()) {
                    LOG.error("{} is halted: {}", name, summary.message());
                } else {
                    LOG.error("{} goes on in {} s: {}", name, TRY_AGAIN.toSeconds(), summary.message());
                    lookAgainIn(TRY_AGAIN);
                }
            }
            case UNBALANCED -> {
                LOG.error("{} does not add up, please report this: {}", name, summary.message());
                lookAgainIn(UNBALANCED_AGAIN);
            }
            case BUSY -> LOG.trace("{} {}", name, summary.message());
        }
    }

    private void tellOfCustomers(KeyLists.Customers customers) {
        if (customers.differs()) {
            LOG.warn("{}: {}; JTL counts {} customers. Where none was added or deleted during the run, something between"
                    + " here and JTL leaves some out: compare with JTL-Wawi", name, customers, customers.total());
        } else {
            LOG.info("{}: {}", name, customers);
        }
    }

    private void lookAgainIn(Duration time) {
        asideUntil = System.nanoTime() + time.toNanos();
    }

    private Pass skipped(End end, Run run, String message) {
        return new Pass.Skipped(new RunSummary(name, null, end, run, -1, run == null ? 0 : run.done(), 0, message, null));
    }
}
