package de.contactsync.cli;

import de.contactsync.app.ExitCode;
import de.contactsync.app.SecretStore;
import de.contactsync.config.ConfigurationException;
import de.contactsync.config.Settings;
import de.contactsync.persistence.SecretTable;
import de.contactsync.resilience.BreakerRegistry;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(
        name = "secrets",
        description = "Lists the secrets that JTL and CRMs issued, and how they are stored, without showing them."
                + " Changes nothing.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        subcommands = SecretsCommand.Rotate.class)
final class SecretsCommand implements Callable<Integer> {

    @Override
    public Integer call() {
        try (SecretStore secrets = open(Settings.loadWithoutCredentials())) {
            List<SecretTable.Entry> entries = secrets.table().list();
            entries.forEach(entry -> System.out.printf(
                    "%-24s %s%s%n",
                    entry.name(),
                    entry.rests(),
                    entry.storedAt() == null
                            ? ""
                            : ", since " + entry.storedAt().truncatedTo(ChronoUnit.SECONDS)));
            if (entries.isEmpty()) {
                System.out.println("No secret is stored.");
            }
        }
        return ExitCode.ALL_STORED;
    }

    private static SecretStore open(Settings settings) {
        return SecretStore.existing(
                settings,
                new BreakerRegistry(
                        Clock.systemUTC(), System::nanoTime, settings.jtl().refusalPause()));
    }

    @Command(
            name = "rotate",
            description = "Encrypts all secrets with contacts.secret-key: those encrypted with"
                    + " contacts.secret-key-previous, and those stored in a file because there was no key.",
            mixinStandardHelpOptions = true,
            versionProvider = Main.Version.class)
    static final class Rotate implements Callable<Integer> {

        @Override
        public Integer call() {
            Settings settings = Settings.loadWithoutCredentials();
            if (settings.secretKeys().current() == null) {
                throw new ConfigurationException(List.of("contacts.secret-key is not set: set it to the new key"));
            }
            try (SecretStore secrets = open(settings)) {
                List<String> names = secrets.table().rotate();
                names.forEach(name -> System.out.println(name + " is now encrypted with contacts.secret-key."));
                System.out.println(
                        names.isEmpty()
                                ? "Nothing to do: all secrets are encrypted with contacts.secret-key."
                                : "Once all processes use it, remove contacts.secret-key-previous.");
            }
            return ExitCode.ALL_STORED;
        }
    }
}
