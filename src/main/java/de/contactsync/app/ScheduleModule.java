package de.contactsync.app;

import de.contactsync.config.Settings;
import de.contactsync.imports.CustomerDirectory;
import de.contactsync.imports.RunCoordinator;
import de.contactsync.imports.ScheduledRunOpener;
import de.contactsync.jtl.ContactLookupService;
import de.contactsync.jtl.CustomerPager;
import de.contactsync.model.KeyPage;
import de.contactsync.persistence.CustomerMarks;
import de.contactsync.persistence.Database;
import de.contactsync.persistence.KeySnapshotStore;
import de.contactsync.persistence.RunStore;
import de.contactsync.persistence.ScheduledRunStore;
import java.time.Clock;
import java.time.Instant;
import java.util.Set;
import java.util.UUID;

/** What the route source-timer names. */
final class ScheduleModule {

    private ScheduleModule() {}

    private static CustomerDirectory directory(CustomerPager pager) {
        return new CustomerDirectory() {
            @Override
            public KeyPage page(
                    long runId,
                    UUID tenantId,
                    int number,
                    long behind,
                    long customersBefore,
                    String parameter,
                    Instant since) {
                return pager.page(runId, tenantId, number, behind, customersBefore, parameter, since);
            }

            @Override
            public Set<UUID> changed(UUID tenantId, String parameter, Instant since) {
                return pager.changed(tenantId, parameter, since);
            }
        };
    }

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
                        directory(new CustomerPager(calls)),
                        new CustomerMarks(database),
                        clock));
    }
}
