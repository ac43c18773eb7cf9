package de.contactsync.cli;

import de.contactsync.app.ExitCode;
import de.contactsync.config.ConfigurationException;
import de.contactsync.config.Settings;
import de.contactsync.outbox.DeliveryTargets;
import de.contactsync.persistence.Database;
import de.contactsync.resilience.BreakerRegistry;
import java.time.Clock;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "crm",
        description = "What the database knows of CRMs.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
final class CrmCommand {

    private CrmCommand() {}

    @Command(
            name = "forget-target",
            description =
                    "Forgets which CRM a sink delivers into, and what that one has of each contact; the next start"
                            + " takes"
                            + " the CRM of the settings. Nothing is changed in either. End run and import first.",
            mixinStandardHelpOptions = true)
    int forgetTarget(
            @Parameters(paramLabel = "NAME", description = "As contacts.crm.name has it: crm, unless it is set.")
                    String name,
            @Option(
                            names = "--keep-deliveries",
                            description = "It is the same CRM under another address: what it has of each"
                                    + " contact is not forgotten.")
                    boolean keepDeliveries) {
        Settings settings = Settings.loadWithoutCredentials();
        BreakerRegistry breakers = new BreakerRegistry(
                Clock.systemUTC(), System::nanoTime, settings.jtl().refusalPause());
        try (Database database = Database.open(settings.database(), breakers, settings.maxWait())) {
            long forgotten = new DeliveryTargets(database, Clock.systemUTC()).forget(name, keepDeliveries);
            if (forgotten < 0) {
                throw new ConfigurationException(List.of("The database knows of no sink \"" + name
                        + "\": expected the value of contacts.crm.name, which is crm unless it is set"));
            }
            System.out.println(
                    keepDeliveries
                            ? "The next start takes the CRM of the settings for the one that \"" + name
                                    + "\" has delivered into."
                            : "Forgotten, with what it had of " + forgotten + " contacts. The next start delivers \""
                                    + name
                                    + "\" into the CRM of the settings: what is imported from then on, and all"
                                    + " contacts at once by"
                                    + " the command sync --full.");
            return ExitCode.ALL_STORED;
        }
    }
}
