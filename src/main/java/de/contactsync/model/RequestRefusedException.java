package de.contactsync.model;

/** JTL refuses what it was asked for in this form, without which work cannot continue; in another form it may answer. */
public final class RequestRefusedException extends ProcessingHaltedException {

    public RequestRefusedException(String message) {
        super(message);
    }
}
