package de.contactsync.cli;

import de.contactsync.config.ConfigurationException;
import de.contactsync.config.Settings;
import de.contactsync.keyfile.KeyFile;
import java.io.File;
import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "import",
        description = "Imports key files now, and leaves them where they are.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
public final class ImportCommand implements Callable<Integer> {

    @Parameters(arity = "1..*", paramLabel = "FILE", description = "CSV, JSON Lines or JSON, plain or gzipped.")
    private List<File> files;

    @Option(names = "--json", description = "Print one JSON object per file as the last lines on stdout.")
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
        return TaskRunner.run(
                settings, files.stream().map(RunTask.ImportedFile::new).toList(), json, out);
    }
}
