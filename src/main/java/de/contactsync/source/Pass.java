package de.contactsync.source;

import de.contactsync.contact.RunChunk;
import java.util.Iterator;
import java.util.NoSuchElementException;

/** What a route gets when it opens a run: the chunks to do, which may be none. */
public sealed interface Pass extends Iterator<RunChunk> permits KeyRun, Pass.Skipped {

    /** Nothing to ask JTL for; the summary says why. */
    record Skipped(RunSummary summary) implements Pass {

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
