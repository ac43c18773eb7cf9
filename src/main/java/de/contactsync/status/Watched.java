package de.contactsync.status;

import de.contactsync.jtl.JtlCalls;
import de.contactsync.jtl.TokenSource;
import de.contactsync.ledger.ChunkStore;
import de.contactsync.ledger.Database;
import de.contactsync.ledger.DatabaseSettings;
import de.contactsync.ledger.Outbox;
import de.contactsync.outage.Breakers;
import de.contactsync.source.Inbox;
import de.contactsync.source.Passes;

/**
 * The parts of a process that the status port tells of.
 *
 * @param outbox of the CRM; null without one
 * @param inbox  null when no folder is watched
 */
public record Watched(
        Breakers breakers,
        TokenSource tokens,
        JtlCalls calls,
        ChunkStore store,
        Database database,
        DatabaseSettings databaseSettings,
        Passes passes,
        Outbox outbox,
        Inbox inbox) {
}
