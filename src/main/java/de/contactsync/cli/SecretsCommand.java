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
        description =
                "Lists which secrets are kept that JTL and CRMs gave out, and how; shows none and changes nothing.",
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
                System.out.println("No secret is kept.");
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
            description = "Encrypts with contacts.secret-key what is encrypted with contacts.secret-key-previous, or is"
                    + " in a file because there was no key.",
            mixinStandardHelpOptions = true,
            versionProvider = Main.Version.class)
    static final class Rotate implements Callable<Integer> {

        @Override
        public Integer call() {
            Settings settings = Settings.loadWithoutCredentials();
            if (settings.secretKeys().current() == null) {
                throw new ConfigurationException(
                        List.of("contacts.secret-key is not set: set it to the key to encrypt with from now on"));
            }
            try (SecretStore secrets = open(settings)) {
                List<String> names = secrets.table().rotate();
                names.forEach(name -> System.out.println(name + " is encrypted with contacts.secret-key now."));
                System.out.println(
                        names.isEmpty()
                                ? "Nothing to do: all are encrypted with contacts.secret-key."
                                : "Once all processes run with it, remove contacts.secret-key-previous.");
            }
            return ExitCode.ALL_STORED;
        }
    }
}
