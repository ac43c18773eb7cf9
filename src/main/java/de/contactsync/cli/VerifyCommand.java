package de.contactsync.cli;

import de.contactsync.app.ExitCode;
import de.contactsync.config.Settings;
import de.contactsync.imports.RunVerifier;
import de.contactsync.imports.VerificationResult;
import de.contactsync.persistence.AuditQueries;
import de.contactsync.persistence.Database;
import de.contactsync.resilience.BreakerRegistry;
import java.io.File;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "verify",
        description = "Proves from file and database that no record of an imported file was lost. Changes nothing.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
final class VerifyCommand implements Callable<Integer> {

    @Parameters(arity = "1..*", paramLabel = "FILE", description = "Imported files, wherever they are now.")
    private List<File> files;

    @Option(names = "--json", description = "Print one JSON object per file as the last lines on stdout.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        ImportCommand.requireReadable(files);
        Settings settings = Settings.loadWithoutCredentials();
        int worst = ExitCode.ALL_STORED;
        BreakerRegistry breakers = new BreakerRegistry(
                Clock.systemUTC(), System::nanoTime, settings.jtl().refusalPause());
        try (Database database = Database.openToRead(settings.database(), breakers)) {
            RunVerifier verifier =
                    new RunVerifier(new AuditQueries(database), settings.file().tenants());
            for (File file : files) {
                VerificationResult verificationResult = verifier.verify(file.toPath());
                System.out.println(
                        json ? SummaryText.json(verificationResult) : SummaryText.humanReadable(verificationResult));
                worst = Math.max(worst, ExitCode.of(verificationResult));
            }
        }
        return worst;
    }
}
