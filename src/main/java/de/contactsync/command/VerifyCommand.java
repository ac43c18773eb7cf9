package de.contactsync.command;

import de.contactsync.ledger.Database;
import de.contactsync.ledger.Evidence;
import de.contactsync.outage.Breakers;
import de.contactsync.source.Verification;
import de.contactsync.source.Verifier;
import java.io.File;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "verify",
        description = "Proves from file and database that no record of an imported file was lost; changes nothing.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
final class VerifyCommand implements Callable<Integer> {

    @Parameters(arity = "1..*", paramLabel = "FILE", description = "Imported files, wherever they lie now.")
    private List<File> files;

    @Option(names = "--json", description = "One JSON object per file as the last lines on stdout.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        ImportCommand.requireReadable(files);
        Settings settings = Settings.loadWithoutCredentials();
        int worst = ExitCode.ALL_STORED;
        Breakers breakers = new Breakers(Clock.systemUTC(), System::nanoTime, settings.jtl().refusalPause());
        try (Database database = Database.openToRead(settings.database(), breakers)) {
            Verifier verifier = new Verifier(new Evidence(database), settings.file().tenantId());
            for (File file : files) {
                Verification verification = verifier.verify(file.toPath());
                System.out.println(json ? SummaryText.json(verification) : SummaryText.forPeople(verification));
                worst = Math.max(worst, ExitCode.of(verification));
            }
        }
        return worst;
    }
}
