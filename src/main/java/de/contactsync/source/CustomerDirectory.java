package de.contactsync.source;

import de.contactsync.contact.KeyPage;
import java.util.UUID;

/** The contacts of JTL's customers. */
@FunctionalInterface
public interface CustomerDirectory {

    /**
     * @param number of the page, from 1
     * @param behind position in front of the first entry
     * @throws de.contactsync.contact.HaltException when it cannot be had now
     */
    KeyPage page(UUID tenantId, int number, long behind);
}
