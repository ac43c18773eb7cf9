package de.contactsync.status;

/** The keys under {@code contacts.status.}: where the status port listens. */
public record StatusSettings(String host, int port) {

    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
