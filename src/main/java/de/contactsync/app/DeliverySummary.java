package de.contactsync.app;

import de.contactsync.outbox.Outbox;

/**
 * What has gone to the CRM while a file was imported.
 *
 * @param waitsFor               why not all of it has, null when it has
 * @param pending                contacts that still wait; 0 also when the database cannot be asked
 * @param unreadablePhoneNumbers that went as they are, by this process so far
 */
public record DeliverySummary(Outbox.Tally tally, String waitsFor, long pending, long unreadablePhoneNumbers) {

    public int exitCode() {
        return waitsFor != null ? ExitCode.HALTED : tally.refused() > 0 ? ExitCode.DEAD_LETTERS : ExitCode.ALL_STORED;
    }
}
