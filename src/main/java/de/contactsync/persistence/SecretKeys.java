package de.contactsync.persistence;

/**
 * What secrets in the database are encrypted with.
 *
 * @param current  {@code contacts.secret-key}; null when there is none
 * @param previous {@code contacts.secret-key-previous}, of what was encrypted before; null when there is none
 */
public record SecretKeys(String current, String previous) {

    /** Characters that a key has at least. */
    public static final int SHORTEST = 20;

    public static final SecretKeys NONE = new SecretKeys(null, null);

    /** Never a key. */
    @Override
    public String toString() {
        return "SecretKeys[" + (current == null ? "none" : "***") + "]";
    }
}
