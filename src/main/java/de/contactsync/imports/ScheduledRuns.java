package de.contactsync.imports;

import de.contactsync.imports.RunSummary.End;
import de.contactsync.imports.TimerSettings.Part;
import de.contactsync.keyfile.UnreadableKeyFileException;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.persistence.CustomerMarks;
import de.contactsync.persistence.KeySnapshotStore;
import de.contactsync.persistence.ListedCustomers;
import de.contactsync.persistence.Run;
import de.contactsync.persistence.RunLease;
import de.contactsync.persistence.RunStore;
import de.contactsync.persistence.ScheduledRunStore;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The runs of a schedule: how they begin and end. When they are due, others say. Used by one thread. */
public final class ScheduledRuns {

    private static final Logger LOG = LoggerFactory.getLogger(ScheduledRuns.class);

    private final TimerSettings settings;
    private final ScheduledRunStore runs;
    private final KeySnapshotStore lists;
    private final RunStore runStore;
    private final RunCoordinator coordinator;
    private final Clock clock;
    private final KeySnapshotBuilder listing;

    public ScheduledRuns(
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
    }

    /** Tenants with an open run, by their names. */
    Set<String> open() {
        return runs.open();
    }

    /** Opens the run of a part that is open, or begins one, as a command asks for it. */
    public RunExecution openNow(Part part) {
        return coordinator.openPatiently(
                () -> {
                    try {
                        return open(part, latest -> clock.instant());
                    } catch (ProcessingHaltedException e) {
                        return RunExecution.notOpened(part.name(), e);
                    }
                },
                () -> true);
    }

    /**
     * Opens the run of a part that is open, or begins one if it is due.
     *
     * @param due as {@link ScheduledRunStore#claim} asks for it
     */
    RunExecution open(Part part, UnaryOperator<Instant> due) {
        Optional<RunLease> lease = runs.claim(part.tenant(), due, settings.chunkSize());
        if (lease.isEmpty()) {
            return skipped(part, End.BUSY, null, "is not due");
        }
        if (lease.get() instanceof RunLease.Granted granted) {
            return begin(part, granted);
        }
        if (lease.get() instanceof RunLease.Unclosed unclosed) {
            return skipped(
                    part,
                    unclosed.problem() == null ? End.FINISHED : End.UNREADABLE,
                    unclosed.run(),
                    unclosed.problem());
        }
        return skipped(part, End.BUSY, null, ((RunLease.Busy) lease.get()).owner() + " works on it");
    }

    private RunExecution begin(Part part, RunLease.Granted granted) {
        long runId = granted.run().id();
        UUID tenantId = part.id();
        try {
            if (lists.listed(runId).isEmpty() && lists.growth(runId).isEmpty()) {
                listing.build(runId, tenantId);
            }
            SnapshotKeyReader keys = new SnapshotKeyReader(lists, runId, () -> listing.appendPage(runId, tenantId));
            return coordinator.begin(new ChunkIterator(
                    new RunSource.InTables(part.name(), lists.listed(runId).orElse(-1)),
                    granted,
                    new KeyRecordReader(keys, settings.tenants())));
        } catch (UnreadableKeyFileException e) {
            // A run of nothing: the next one looks whether it can be read then.
            return skipped(part, End.UNREADABLE, runStore.finish(runId, 0, e.getMessage()), e.getMessage());
        } catch (ProcessingHaltedException e) {
            return notBegun(part, runId, e);
        } catch (SQLException e) {
            return notBegun(
                    part,
                    runId,
                    new ProcessingHaltedException(
                            "the list of keys seen so far cannot be written to the temporary folder: " + e.getMessage(),
                            e));
        }
    }

    /** Others that share the database may try too: what fails here need not fail there. */
    private RunExecution notBegun(Part part, long runId, ProcessingHaltedException reason) {
        try {
            runStore.halt(runId, reason.getMessage());
        } catch (ProcessingHaltedException e) {
            // The database is away, or the run is another process's by now: neither leaves anything to be said.
            LOG.debug("the halt could not be stored", e);
        }
        return RunExecution.notOpened(part.name(), reason);
    }

    static RunExecution skipped(Part part, End end, Run run, String message) {
        return new RunExecution.Skipped(
                new RunSummary(part.name(), null, end, run, -1, run == null ? 0 : run.done(), 0, message, null));
    }

    /** The last step for a run whose keys are done, or cannot be read: from now on there is room for the next one. */
    public void close(Part part, RunSummary summary) {
        long runId = summary.run().id();
        if (summary.end() == End.FINISHED) {
            lists.customers(runId).ifPresent(customers -> logCustomers(part.name(), customers));
            listing.finish(runId, part.id(), part.name());
        }
        runStore.close(runId);
    }

    private void logCustomers(String name, ListedCustomers customers) {
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
    static String cause(ListedCustomers customers) {
        return customers.listed() < customers.total()
                ? "something between here and JTL omits some"
                : "JTL's count is too small or some came twice";
    }
}
