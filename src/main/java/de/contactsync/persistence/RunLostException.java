package de.contactsync.persistence;

import de.contactsync.model.ProcessingHaltedException;

/** Another process has taken the run over because this one was silent for too long; nothing was written. */
public final class RunLostException extends ProcessingHaltedException {

    RunLostException(long runId) {
        super("run " + runId + " was taken over by another process, which continues it");
    }
}
