package de.contactsync.imports;

import de.contactsync.model.KeyPage;
import java.time.Instant;
import java.util.Set;
import java.util.UUID;

/** The contacts of JTL's customers. */
public interface CustomerDirectory {

    /**
     * @param runId           the run that the contacts are for
     * @param number          of the page, from 1
     * @param behind          position in front of the first entry
     * @param customersBefore on the pages before
     * @param parameter       that names customers which have changed since then; null: all customers
     * @throws de.contactsync.model.RequestRefusedException when JTL refuses this very request
     * @throws de.contactsync.model.ProcessingHaltedException when it cannot be had now
     */
    KeyPage page(
            long runId, UUID tenantId, int number, long behind, long customersBefore, String parameter, Instant since);

    /**
     * The customers that JTL names as changed, without their contacts.
     *
     * @throws de.contactsync.model.ProcessingHaltedException when they cannot be had now
     */
    Set<UUID> changed(UUID tenantId, String parameter, Instant since);
}
