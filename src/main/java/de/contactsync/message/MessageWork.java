package de.contactsync.message;

/** Whether messages are taken and tried again, or the process is about to end and leaves them to the broker. */
public final class MessageWork {

    private volatile boolean going = true;

    public boolean isGoing() {
        return going;
    }

    public void stop() {
        going = false;
    }
}
