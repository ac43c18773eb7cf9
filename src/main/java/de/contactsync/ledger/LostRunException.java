package de.contactsync.ledger;

import de.contactsync.contact.HaltException;

/** Another process has taken the run over because this one was silent for too long; nothing was written. */
public final class LostRunException extends HaltException {

    LostRunException(long runId) {
        super("run " + runId + " was taken over by another process, which goes on with it");
    }
}
