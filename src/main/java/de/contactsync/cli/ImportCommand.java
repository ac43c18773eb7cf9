package de.contactsync.cli;

import de.contactsync.app.Application;
import de.contactsync.app.ExitCode;
import de.contactsync.app.GracefulShutdown;
import de.contactsync.config.ConfigurationException;
import de.contactsync.config.Settings;
import de.contactsync.keyfile.KeyFile;
import de.contactsync.model.ProcessingHaltedException;
import java.io.File;
import java.io.PrintStream;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "import",
        description = "Imports key files now; they stay where they are.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
public final class ImportCommand implements Callable<Integer> {

    @Parameters(arity = "1..*", paramLabel = "FILE", description = "CSV, JSON Lines or JSON, also gzipped.")
    private List<File> files;

    @Option(names = "--json", description = "One JSON object per file as the last lines on stdout.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        requireReadable(files);
        return run(Settings.load(), files, json, System.out);
    }

    /** @throws ConfigurationException when one of them is not a file, or not readable for this program */
    static void requireReadable(List<File> files) {
        for (File file : files) {
            if (!file.isFile() || !file.canRead()) {
                throw new ConfigurationException(List.of(KeyFile.shown(file.toString()) + problem(file)));
            }
        }
    }

    private static String problem(File file) {
        if (file.exists()) {
            return " is not a readable file";
        }
        String trouble = NativeNames.trouble(NativeNames.CHARSET, file.toString());
        return trouble == null ? " does not exist" : " cannot be found: " + trouble;
    }

    /** @return the exit code: that of the file which ended worst */
    public static int run(Settings settings, List<File> files, boolean json, PrintStream out) throws Exception {
        CompletableFuture<Integer> exitCode = new CompletableFuture<>();
        Application application = started(settings, files, json, out);
        GracefulShutdown hook = GracefulShutdown.add(() -> stop(application, exitCode), ExitCode.HALTED);
        try {
            ImportRunner imports = new ImportRunner(
                    application,
                    settings.maxWait(),
                    (summary, deliveries) -> out.println(
                            json
                                    ? SummaryText.json(
                                            summary,
                                            deliveries,
                                            Forecast.endOf(summary, application.quota(), Instant.now()))
                                    : SummaryText.humanReadable(summary, deliveries)));
            int code = imports.run(files);
            out.flush();
            // Last of all: whoever is killed before this finds the same runs again, and not new ones.
            imports.close();
            exitCode.complete(code);
            return code;
        } finally {
            exitCode.complete(ExitCode.HALTED);
            application.close();
            hook.remove();
        }
    }

    private static Application started(Settings settings, List<File> files, boolean json, PrintStream out)
            throws Exception {
        try {
            return Application.start(settings);
        } catch (ProcessingHaltedException e) {
            if (json) {
                files.forEach(file ->
                        out.println(SummaryText.json(ImportRunner.notStarted(file, e.getMessage()), List.of(), null)));
            }
            throw e;
        }
    }

    /** The import is still under way: it ends by itself once it is drained. */
    static int stop(Application application, CompletableFuture<Integer> exitCode) {
        application.drain();
        return exitCode.join();
    }
}
