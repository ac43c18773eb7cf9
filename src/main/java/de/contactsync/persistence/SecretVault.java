package de.contactsync.persistence;

import de.contactsync.model.ProcessingHaltedException;
import java.nio.file.Path;
import java.util.function.Function;

/**
 * How secrets rest: encrypted in the database with {@code contacts.secret-key}; without one in a file beside an SQLite
 * database. What stands in the column of the table tells which it is. Thread-safe.
 */
public final class SecretVault {

    /** In the database in place of a secret that is in the file. */
    private static final String IN_FILE = "file:";

    private final SecretKeys keys;
    private final Function<String, SecretCipher> ciphers;
    private SecretCipher current;
    private SecretCipher previous;
    /** Null for a server, beside which there is no file that all processes have. */
    private final SecretFile file;

    public SecretVault(DatabaseSettings database, SecretKeys keys) {
        this(database, keys, SecretCipher::new);
    }

    /** @param ciphers makes one from a key, which takes a while */
    SecretVault(DatabaseSettings database, SecretKeys keys, Function<String, SecretCipher> ciphers) {
        this.keys = keys;
        this.ciphers = ciphers;
        Path beside = Dialect.of(database.url()) == Dialect.SQLITE ? database.sqliteFile() : null;
        this.file = beside == null ? null : new SecretFile(beside.resolveSibling(beside.getFileName() + ".secrets"));
    }

    /** Made when it is first needed, as it takes a quarter of a second; null when no key is set. */
    private synchronized SecretCipher current() {
        if (current == null && keys.current() != null) {
            current = ciphers.apply(keys.current());
        }
        return current;
    }

    private synchronized SecretCipher previous() {
        if (previous == null && keys.previous() != null) {
            previous = ciphers.apply(keys.previous());
        }
        return previous;
    }

    /** @throws ProcessingHaltedException when there is no place where a secret may be kept */
    public void requireUsable() {
        if (keys.current() == null && file == null) {
            throw new ProcessingHaltedException(
                    "contacts.secret-key is not set: PostgreSQL keeps secrets that JTL or the CRM gave out, which are"
                            + " encrypted with it. Set the same one for all processes, such as openssl rand -base64 32"
                            + " prints, in the environment variable CONTACTS_SECRET_KEY or a file named by"
                            + " CONTACTS_SECRET_KEY_FILE");
        }
    }

    /**
     * Within a write transaction.
     *
     * @return what goes into the database
     */
    String protect(String name, String secret) {
        requireUsable();
        if (current() != null) {
            return current().encrypt(name, secret);
        }
        file.put(name, secret);
        return IN_FILE;
    }

    /** Within a write transaction, when what the database has instead is committed. */
    void removeFromFile(String name) {
        if (file != null) {
            file.put(name, null);
        }
    }

    /** @param stored what {@link #protect} returned, or the plain text of an earlier version */
    String reveal(String name, String stored) {
        if (stored.equals(IN_FILE)) {
            String secret = file == null ? null : file.get(name);
            if (secret == null) {
                throw new ProcessingHaltedException("the secret " + name + " is missing in "
                        + (file == null ? "its file" : file.path()) + ": log in or register again");
            }
            return secret;
        }
        if (!stored.startsWith(SecretCipher.PREFIX)) {
            return stored;
        }
        if (current() != null && current().wrote(stored)) {
            return current().decrypt(name, stored);
        }
        if (previous() != null && previous().wrote(stored)) {
            return previous().decrypt(name, stored);
        }
        throw new ProcessingHaltedException("the secret " + name + " in the database is encrypted with another key: "
                + (current() == null
                        ? "set contacts.secret-key"
                        : "set contacts.secret-key to the one it was, or put that into contacts.secret-key-previous"));
    }

    /** Whether {@link #protect} writes into the file. */
    boolean keepsInFile() {
        return keys.current() == null;
    }

    /** How it rests, for people. */
    String describe(String stored) {
        return stored.isEmpty()
                ? "none left"
                : stored.equals(IN_FILE)
                        ? "in the file " + (file == null ? "of another database" : file.path())
                        : !stored.startsWith(SecretCipher.PREFIX)
                                ? "in plain text, of an earlier version"
                                : current() != null && current().wrote(stored)
                                        ? "encrypted with contacts.secret-key"
                                        : previous() != null && previous().wrote(stored)
                                                ? "encrypted with contacts.secret-key-previous"
                                                : "encrypted with a key that is not set";
    }

    /** Whether {@link #protect} would do it otherwise today. */
    boolean isOutdated(String stored) {
        return current() == null ? !stored.equals(IN_FILE) : !current().wrote(stored);
    }
}
