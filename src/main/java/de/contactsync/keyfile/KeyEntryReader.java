package de.contactsync.keyfile;

import de.contactsync.model.KeyEntry;
import java.io.IOException;

/** What each format has to offer. */
interface KeyEntryReader {

    /**
     * @return null at the end of the file
     * @throws UnreadableKeyFileException when nothing more can be read though the file continues, or should
     */
    KeyEntry next() throws IOException;

    /** As {@link KeyReader#mayNameTenants}. */
    default boolean mayNameTenants() {
        return true;
    }
}
