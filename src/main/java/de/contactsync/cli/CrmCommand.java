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
        description = "Manages which CRM the database delivers into.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
final class CrmCommand {

    private CrmCommand() {}

    @Command(
            name = "forget-target",
            description =
                    "Forgets which CRM a sink delivers into and the state of its deliveries; the next start uses the"
                            + " CRM in the settings. Changes nothing in either CRM. Stop run and import first.",
            mixinStandardHelpOptions = true)
    int forgetTarget(
            @Parameters(paramLabel = "NAME", description = "The value of contacts.crm.name; crm unless it is set.")
                    String name,
            @Option(
                            names = "--keep-deliveries",
                            description = "Keep the state of deliveries: it is the same CRM under another address.")
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
