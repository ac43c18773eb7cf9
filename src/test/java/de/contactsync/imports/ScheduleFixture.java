package de.contactsync.imports;

import de.contactsync.model.TenantNames;
import de.contactsync.persistence.CustomerMarks;
import de.contactsync.persistence.Database;
import de.contactsync.persistence.KeySnapshotStore;
import de.contactsync.persistence.ProcessId;
import de.contactsync.persistence.RunStore;
import de.contactsync.persistence.ScheduledRunStore;
import de.contactsync.persistence.TestDatabase;
import de.contactsync.resilience.TestBreakers;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;

/** An hourly schedule of the keys of all customers, on a database of its own. */
final class ScheduleFixture implements AutoCloseable {

    final TestDatabase test;
    final Database database;
    final RunStore runs;
    private final Clock clock;
    private final CustomerDirectory jtl;
    private TimerSettings settings;
    private ScheduledRuns scheduled;
    private RunCoordinator coordinator;

    ScheduleFixture(TestDatabase.Kind kind, Clock clock, CustomerDirectory jtl) {
        this.clock = clock;
        this.jtl = jtl;
        this.test = TestDatabase.create(kind);
        this.database = test.open();
        this.runs = test.closing(
                new RunStore(database, clock, System::nanoTime, ProcessId.self().toString()));
    }

    /** As a start of the process makes it. */
    ScheduledRunOpener opener(ChangedSince changedSince, TenantNames tenants) {
        return opener(new KeySelection.Customers(changedSince), tenants);
    }

    /** The same for other keys than those of all customers. */
    ScheduledRunOpener opener(KeySelection keys, TenantNames tenants) {
        coordinator = new RunCoordinator(
                runs, TestBreakers.create(), new RunVerifier(runs.audit(), tenants), Duration.ofSeconds(1));
        settings = new TimerSettings(Schedule.every(Duration.ofHours(1), ZoneOffset.UTC), true, keys, 10, tenants);
        scheduled = new ScheduledRuns(
                settings,
                new ScheduledRunStore(database, runs, clock),
                new KeySnapshotStore(database, runs),
                runs,
                coordinator,
                jtl,
                new CustomerMarks(database),
                clock);
        return new ScheduledRunOpener(settings, scheduled, coordinator, clock);
    }

    /** Of the opener that was made last. */
    RunCoordinator coordinator() {
        return coordinator;
    }

    /** As the coordinator. */
    ScheduledRuns scheduled() {
        return scheduled;
    }

    List<TimerSettings.Part> parts() {
        return settings.parts();
    }

    @Override
    public void close() throws Exception {
        test.close();
    }
}
