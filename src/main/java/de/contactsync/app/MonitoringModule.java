package de.contactsync.app;

import de.contactsync.config.Settings;
import de.contactsync.imports.Schedule;
import de.contactsync.observability.AlertMonitor;
import de.contactsync.observability.MonitoredComponents;
import de.contactsync.observability.StatusServer;
import de.contactsync.persistence.ScheduledRunStore;
import java.time.Clock;
import java.util.Deque;
import java.util.Optional;
import org.apache.camel.main.MainSupport;

/** The status port, and the monitor that raises alerts. */
final class MonitoringModule {

    private MonitoringModule() {}

    /** @return the monitor, to be started once there is something to watch; empty when nobody is notified */
    static Optional<AlertMonitor> install(
            MainSupport main,
            Settings settings,
            MonitoredComponents components,
            Channels channels,
            ScheduledRunStore scheduledRuns,
            Clock clock,
            Deque<AutoCloseable> resources)
            throws Exception {
        if (settings.status().isPresent()) {
            StatusServer server = new StatusServer(settings.status().get(), components, clock);
            resources.push(server);
            server.install(main);
        }
        Schedule schedule = settings.timer().schedule();
        AlertMonitor.Scheduled scheduled =
                schedule == null ? null : new AlertMonitor.Scheduled(schedule, scheduledRuns::latestBegin);
        return channels.alerts()
                .map(alerts ->
                        new AlertMonitor(components, settings.alerts(), alerts, scheduled, channels::send, clock));
    }
}
