package de.contactsync.keyfile;

import de.contactsync.model.KeyEntry;
import java.io.Closeable;
import java.util.Iterator;

/**
 * Entries one after the other, in the same memory for any number of them. {@link #next} throws
 * {@link UnreadableKeyFileException} where their source breaks off, behind the last one that could be read.
 */
public interface KeyReader extends Iterator<KeyEntry>, Closeable {

    /** False where it is known beforehand that no key names a tenant, so that all are of one. */
    default boolean mayNameTenants() {
        return true;
    }
}
