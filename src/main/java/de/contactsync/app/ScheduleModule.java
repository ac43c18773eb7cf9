package de.contactsync.app;

import de.contactsync.config.Settings;
import de.contactsync.imports.RunCoordinator;
import de.contactsync.imports.ScheduledRunOpener;
import de.contactsync.jtl.ContactLookupService;
import de.contactsync.jtl.CustomerPager;
import de.contactsync.persistence.Database;
import de.contactsync.persistence.KeySnapshotStore;
import de.contactsync.persistence.RunStore;
import de.contactsync.persistence.ScheduledRunStore;
import java.time.Clock;

/** What the route source-timer names. */
final class ScheduleModule {

    private ScheduleModule() {}

    static void bind(
            RuntimeAdapter runtime,
            Settings settings,
            Database database,
            RunStore runs,
            RunCoordinator coordinator,
            ContactLookupService calls,
            Clock clock) {
        runtime.bind(
                "scheduledRunOpener",
                new ScheduledRunOpener(
                        settings.timer(),
                        new ScheduledRunStore(database, runs, clock),
                        new KeySnapshotStore(database, runs),
                        runs,
                        coordinator,
                        new CustomerPager(calls)::page,
                        clock));
    }
}
