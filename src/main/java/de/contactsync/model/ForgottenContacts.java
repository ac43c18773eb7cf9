package de.contactsync.model;

import java.util.Collection;
import java.util.Set;

/** Tells which contacts were forgotten on request: JTL is not asked for them, and nothing of them is stored. */
@FunctionalInterface
public interface ForgottenContacts {

    /**
     * @return those of the keys that were forgotten
     * @throws ProcessingHaltedException when that cannot be known now
     */
    Set<ContactKey> among(Collection<ContactKey> keys);
}
