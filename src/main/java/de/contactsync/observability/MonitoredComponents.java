package de.contactsync.observability;

import de.contactsync.imports.RunCoordinator;
import de.contactsync.imports.WatchedDirectory;
import de.contactsync.jtl.ContactLookupService;
import de.contactsync.oauth.TokenSource;
import de.contactsync.outbox.Outbox;
import de.contactsync.persistence.ChunkStore;
import de.contactsync.persistence.Database;
import de.contactsync.persistence.DatabaseSettings;
import de.contactsync.resilience.BreakerRegistry;

/**
 * The parts of a process that the status port reports.
 *
 * @param outbox of the CRM; null without one
 * @param directory  null when no folder is watched
 */
public record MonitoredComponents(
        BreakerRegistry breakers,
        TokenSource tokens,
        ContactLookupService calls,
        ChunkStore store,
        Database database,
        DatabaseSettings databaseSettings,
        RunCoordinator coordinator,
        Outbox outbox,
        WatchedDirectory directory) {}
