package de.contactsync.app;

import de.contactsync.outbox.DeliveryCounts;

/**
 * What has gone to one sink while a file was imported.
 *
 * @param label                  for people: the CRM, or as contacts.sinks has it
 * @param sink                   as the column delivery.sink has it
 * @param waitsFor               why not all of it has, null when it has
 * @param pending                contacts that still wait; 0 also when the database cannot be asked
 * @param unreadablePhoneNumbers that went as they are, by this process so far
 */
public record DeliverySummary(
        String label, String sink, DeliveryCounts counts, String waitsFor, long pending, long unreadablePhoneNumbers) {

    static final String CRM = "the CRM";

    DeliverySummary with(long unreadable) {
        return new DeliverySummary(label, sink, counts, waitsFor, pending, unreadable);
    }

    public boolean isOfCrm() {
        return label.equals(CRM);
    }

    public int exitCode() {
        return waitsFor != null ? ExitCode.HALTED : counts.refused() > 0 ? ExitCode.DEAD_LETTERS : ExitCode.ALL_STORED;
    }
}
