package de.contactsync.source;

import de.contactsync.contact.RunChunk;
import java.util.Iterator;
import java.util.NoSuchElementException;

/** What a route gets when it opens a key file: the chunks to do, which may be none. */
public sealed interface FilePass extends Iterator<RunChunk> permits FileRun, FilePass.Skipped {

    /** Nothing to ask JTL for; the summary says why. */
    record Skipped(FileSummary summary) implements FilePass {

        @Override
        public boolean hasNext() {
            return false;
        }

        @Override
        public RunChunk next() {
            throw new NoSuchElementException();
        }
    }
}
