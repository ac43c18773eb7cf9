package de.contactsync.imports;

import de.contactsync.model.KeyPage;
import java.util.UUID;

/** The contacts of JTL's customers. */
@FunctionalInterface
public interface CustomerDirectory {

    /**
     * @param runId           the run that the contacts are for
     * @param number          of the page, from 1
     * @param behind          position in front of the first entry
     * @param customersBefore on the pages before
     * @throws de.contactsync.model.ProcessingHaltedException when it cannot be had now
     */
    KeyPage page(long runId, UUID tenantId, int number, long behind, long customersBefore);
}
