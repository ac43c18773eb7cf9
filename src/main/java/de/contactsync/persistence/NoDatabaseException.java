package de.contactsync.persistence;

import de.contactsync.model.ProcessingHaltedException;

/** Nothing was ever kept where the settings say: there is no such database, or none of this program's tables in it. */
public final class NoDatabaseException extends ProcessingHaltedException {

    private static final long serialVersionUID = 1L;

    NoDatabaseException(String message) {
        super(message);
    }
}
