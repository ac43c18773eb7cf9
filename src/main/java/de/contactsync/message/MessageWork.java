package de.contactsync.message;

import de.contactsync.outage.Breakers;

/** Whether messages are taken and tried again, or the process is about to end and leaves them to the broker. */
public final class MessageWork {

    private final Breakers breakers;
    private volatile boolean going = true;

    public MessageWork(Breakers breakers) {
        this.breakers = breakers;
    }

    public boolean isGoing() {
        return going;
    }

    /** Whether messages shall be taken now: not while something is away that all keys need. */
    public boolean takesMessages() {
        return going && !breakers.holdAll();
    }

    public void stop() {
        going = false;
    }
}
