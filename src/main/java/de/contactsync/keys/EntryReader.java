package de.contactsync.keys;

import de.contactsync.contact.KeyEntry;
import java.io.IOException;

/** What each format has to offer. */
interface EntryReader {

    /**
     * @return null at the end of the file
     * @throws UnreadableKeyFileException when nothing more can be read though the file goes on, or should
     */
    KeyEntry next() throws IOException;
}
