package de.contactsync.model;

/** JTL refuses what it was asked for in this form, which work cannot do without; in another form it may answer. */
public final class RequestRefusedException extends ProcessingHaltedException {

    public RequestRefusedException(String message) {
        super(message);
    }
}
