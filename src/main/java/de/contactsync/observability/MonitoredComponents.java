package de.contactsync.observability;

import de.contactsync.imports.RunCoordinator;
import de.contactsync.imports.WatchedDirectory;
import de.contactsync.jtl.ContactLookupService;
import de.contactsync.jtl.JtlConnections;
import de.contactsync.messaging.http.ReceivedKeys;
import de.contactsync.outbox.Channel;
import de.contactsync.outbox.Outbox;
import de.contactsync.persistence.ChunkStore;
import de.contactsync.persistence.Database;
import de.contactsync.persistence.DatabaseSettings;
import de.contactsync.resilience.BreakerRegistry;
import java.util.List;
import java.util.Map;

/**
 * The parts of a process that the status port reports.
 *
 * @param outboxes by the names of their sinks
 * @param channels  that are in use
 * @param directory  null when no folder is watched
 * @param receivedKeys null when no keys come over HTTP
 */
public record MonitoredComponents(
        BreakerRegistry breakers,
        JtlConnections connections,
        ContactLookupService calls,
        ChunkStore store,
        Database database,
        DatabaseSettings databaseSettings,
        RunCoordinator coordinator,
        Map<String, Outbox> outboxes,
        List<Channel<?>> channels,
        WatchedDirectory directory,
        ReceivedKeys receivedKeys) {}
