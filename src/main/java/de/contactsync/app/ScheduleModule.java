package de.contactsync.app;

import de.contactsync.imports.CustomerDirectory;
import de.contactsync.imports.RunCoordinator;
import de.contactsync.imports.ScheduledRunOpener;
import de.contactsync.imports.ScheduledRuns;
import de.contactsync.imports.TimerSettings;
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
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** What the route source-timer names. */
final class ScheduleModule {

    private ScheduleModule() {}

    private static CustomerDirectory directory(ContactLookupService calls) {
        return new CustomerDirectory() {
            /** Of each tenant: a pager remembers what came of the list that it goes through. */
            private final Map<UUID, CustomerPager> pagers = new ConcurrentHashMap<>();

            private CustomerPager pager(UUID tenantId) {
                return pagers.computeIfAbsent(tenantId, any -> new CustomerPager(calls));
            }

            @Override
            public KeyPage page(
                    long runId,
                    UUID tenantId,
                    int number,
                    long behind,
                    long customersBefore,
                    String parameter,
                    Instant since) {
                return pager(tenantId).page(runId, tenantId, number, behind, customersBefore, parameter, since);
            }

            @Override
            public Set<UUID> changed(UUID tenantId, String parameter, Instant since) {
                return pager(tenantId).changed(tenantId, parameter, since);
            }
        };
    }

    static ScheduledRuns bind(
            RuntimeAdapter runtime,
            TimerSettings settings,
            Database database,
            RunStore runs,
            RunCoordinator coordinator,
            ContactLookupService calls,
            Clock clock) {
        ScheduledRuns scheduled = new ScheduledRuns(
                settings,
                new ScheduledRunStore(database, runs, clock),
                new KeySnapshotStore(database, runs),
                runs,
                coordinator,
                directory(calls),
                new CustomerMarks(database),
                clock);
        runtime.bind("scheduledRunOpener", new ScheduledRunOpener(settings, scheduled, coordinator, clock));
        return scheduled;
    }
}
