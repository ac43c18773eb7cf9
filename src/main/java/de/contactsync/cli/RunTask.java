package de.contactsync.cli;

import de.contactsync.app.Application;
import de.contactsync.imports.FileNames;
import de.contactsync.imports.RunSummary;
import de.contactsync.imports.TimerSettings;
import de.contactsync.model.ProcessingHaltedException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a command makes a run of and sees to its end. */
sealed interface RunTask {

    /** For a progress bar. */
    String label();

    /** In place of a pass, when there is none. */
    RunSummary notBegun(String message);

    /** Works on the run until it ends, or an outage stops it. */
    RunSummary pass(Application application);

    /** Writes down, of a run that has ended, what stands in the database anyway. */
    void report(Application application, RunSummary summary);

    /** Ends the run: from now on the same task is a new one. */
    void close(Application application, RunSummary summary);

    /** Whether the tasks behind it would only meet what halts this one for good. */
    boolean haltsOthers();

    /** A key file, which stays where it is. */
    record ImportedFile(File file) implements RunTask {

        private static final Logger LOG = LoggerFactory.getLogger(ImportedFile.class);

        @Override
        public String label() {
            return file.getName();
        }

        @Override
        public RunSummary notBegun(String message) {
            Path path = file.toPath().toAbsolutePath().normalize();
            return RunSummary.notBegun(FileNames.shown(path), path, message, null);
        }

        @Override
        public RunSummary pass(Application application) {
            return application.importFile(file);
        }

        /** An import does not fail for it. */
        @Override
        public void report(Application application, RunSummary summary) {
            try {
                application.fileFinalizer().report(summary);
            } catch (IOException | ProcessingHaltedException e) {
                LOG.warn(
                        "The reports beside {} cannot be written ({}): see the tables dead_letter (run_id {}) and"
                                + " contact instead",
                        FileNames.shown(summary.file()),
                        FileNames.reason(e),
                        summary.run().id());
            }
        }

        @Override
        public void close(Application application, RunSummary summary) {
            application.fileFinalizer().close(summary);
        }

        @Override
        public boolean haltsOthers() {
            return true;
        }
    }

    /** What the schedule looks up of one of its parts. */
    record ScheduledLookUp(TimerSettings.Part part) implements RunTask {

        @Override
        public String label() {
            return part.name();
        }

        @Override
        public RunSummary notBegun(String message) {
            return RunSummary.notBegun(part.name(), null, message, null);
        }

        @Override
        public RunSummary pass(Application application) {
            return application.lookUp(part);
        }

        /** Nothing is written beside a table. */
        @Override
        public void report(Application application, RunSummary summary) {}

        @Override
        public void close(Application application, RunSummary summary) {
            application.scheduledRuns().close(part, summary);
        }

        /** Each tenant may have a door of its own to JTL. */
        @Override
        public boolean haltsOthers() {
            return false;
        }
    }
}
