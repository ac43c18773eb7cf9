package de.contactsync.app;

import de.contactsync.config.Settings;
import de.contactsync.imports.ContactFileWriter;
import de.contactsync.imports.FileFinalizer;
import de.contactsync.imports.FileRunOpener;
import de.contactsync.imports.Fingerprints;
import de.contactsync.imports.RunCoordinator;
import de.contactsync.imports.WatchedDirectory;
import de.contactsync.model.TenantNames;
import de.contactsync.persistence.RunStore;
import de.contactsync.routes.ContactFormat;
import java.time.Clock;

/** The beans of the routes source-file and import-file, and the watched folder. */
final class FileModule {

    private final Settings settings;
    private final RunStore runs;
    private final RunCoordinator coordinator;
    private final WatchedDirectory directory;
    private final Fingerprints fingerprints = new Fingerprints();
    private final FileFinalizer finalizer;
    private final boolean watched;

    FileModule(Settings settings, RunStore runs, RunCoordinator coordinator, Clock clock, boolean withSources) {
        this.settings = settings;
        this.runs = runs;
        this.coordinator = coordinator;
        directory = new WatchedDirectory(settings.file(), clock);
        finalizer = new FileFinalizer(
                runs,
                directory,
                fingerprints,
                coordinator,
                settings.contactFile()
                        .map(format -> new ContactFileWriter(
                                format, runs.audit(), settings.file().tenants()))
                        .orElse(null));
        watched = withSources && settings.sources().contains("file");
    }

    void bind(RuntimeAdapter runtime, TenantNames tenants) {
        runtime.bind(
                "fileRunOpener",
                new FileRunOpener(settings.file().with(tenants), runs, directory, fingerprints, coordinator));
        runtime.bind("fileFinalizer", finalizer);
        runtime.bind("contactsJson", new ContactFormat.Json());
        runtime.bind("contactsCsv", new ContactFormat.Csv());
        runtime.bind("chunkThreads", ChunkThreads.of(settings.file().chunkSize()));
    }

    FileFinalizer finalizer() {
        return finalizer;
    }

    /** Null when no folder is watched. */
    WatchedDirectory watched() {
        return watched ? directory : null;
    }
}
