package de.contactsync.command;

import de.contactsync.contact.HaltException;
import de.contactsync.source.FileSummary;
import de.contactsync.source.FileSummary.End;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "import",
        description = "Imports key files now; they stay where they are.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
final class ImportCommand implements Callable<Integer> {

    private static final Logger LOG = LoggerFactory.getLogger(ImportCommand.class);

    @Parameters(arity = "1..*", paramLabel = "FILE", description = "CSV, JSON Lines or JSON, also gzipped.")
    private List<File> files;

    @Option(names = "--json", description = "One JSON object per file as the last lines on stdout.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        for (File file : files) {
            if (!file.isFile() || !file.canRead()) {
                throw new ConfigurationException(List.of(
                        file + (file.exists() ? " is no file that can be read" : " does not exist")));
            }
        }
        return run(Settings.load(), files, json, System.out);
    }

    /** @return the exit code: that of the file which ended worst */
    static int run(Settings settings, List<File> files, boolean json, PrintStream out) throws Exception {
        CompletableFuture<Integer> exitCode = new CompletableFuture<>();
        Application application = started(settings, files, json, out);
        StopHook hook = StopHook.add(() -> stop(application, exitCode), ExitCode.HALTED);
        try {
            int code = importAll(application, files, json, out);
            exitCode.complete(code);
            return code;
        } finally {
            exitCode.complete(ExitCode.HALTED);
            application.close();
            hook.remove();
        }
    }

    private static int importAll(Application application, List<File> files, boolean json, PrintStream out) {
        int worst = ExitCode.ALL_STORED;
        List<FileSummary> finished = new ArrayList<>();
        boolean halted = false;
        for (File file : files) {
            if (halted) {
                // It concerns all keys, so this file would only meet it again.
                print(notBegun(file, "not begun"), json, out);
                continue;
            }
            FileSummary summary;
            try (Progress progress = Progress.of(application, file)) {
                summary = application.importFile(file);
            }
            if (summary.end() == End.FINISHED || summary.end() == End.UNREADABLE && summary.run() != null) {
                report(application, summary);
                finished.add(summary);
            }
            print(summary, json, out);
            worst = Math.max(worst, ExitCode.of(summary));
            halted = summary.end() == End.HALTED;
        }
        out.flush();
        // Last of all: whoever is killed before this finds the same runs again, and not new ones.
        finished.forEach(application.settlement()::close);
        return worst;
    }

    /** What the report would say stands in the database anyway, so an import does not fail for it. */
    private static void report(Application application, FileSummary summary) {
        try {
            application.settlement().report(summary);
        } catch (IOException e) {
            LOG.warn("{}.errors.csv cannot be written ({}): see table dead_letter, run_id {}",
                    summary.file(), e.toString(), summary.run().id());
        }
    }

    private static Application started(Settings settings, List<File> files, boolean json, PrintStream out)
            throws Exception {
        try {
            return Application.start(settings, false);
        } catch (HaltException e) {
            if (json) {
                files.forEach(file -> print(notBegun(file, e.getMessage()), true, out));
            }
            throw e;
        }
    }

    private static FileSummary notBegun(File file, String message) {
        return new FileSummary(file.toPath().toAbsolutePath().normalize(), End.HALTED, null, 0, 0, message);
    }

    private static void print(FileSummary summary, boolean json, PrintStream out) {
        out.println(json ? SummaryText.json(summary) : SummaryText.forPeople(summary));
    }

    /** The import is still under way: it ends by itself once it is drained. */
    private static int stop(Application application, CompletableFuture<Integer> exitCode) {
        application.drain();
        return exitCode.join();
    }
}
