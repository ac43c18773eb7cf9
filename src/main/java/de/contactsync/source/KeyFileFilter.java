package de.contactsync.source;

import java.io.File;
import org.apache.camel.component.file.GenericFile;
import org.apache.camel.component.file.GenericFileFilter;

/** Lets Camel's file component see the files that are ready, while work is not paused. */
public final class KeyFileFilter implements GenericFileFilter<File> {

    private final Inbox inbox;
    private final Passes passes;

    public KeyFileFilter(Inbox inbox, Passes passes) {
        this.inbox = inbox;
        this.passes = passes;
    }

    @Override
    public boolean accept(GenericFile<File> file) {
        return !passes.isPaused() && inbox.isReady(file.getFile().toPath());
    }
}
