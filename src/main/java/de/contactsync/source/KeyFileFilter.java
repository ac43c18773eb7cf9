package de.contactsync.source;

import java.io.File;
import org.apache.camel.component.file.GenericFile;
import org.apache.camel.component.file.GenericFileFilter;

/** Lets Camel's file component see the files that are ready, while work is not paused. */
public final class KeyFileFilter implements GenericFileFilter<File> {

    private final Inbox inbox;
    private final FileRuns runs;

    public KeyFileFilter(Inbox inbox, FileRuns runs) {
        this.inbox = inbox;
        this.runs = runs;
    }

    @Override
    public boolean accept(GenericFile<File> file) {
        return !runs.isPaused() && inbox.isReady(file.getFile().toPath());
    }
}
