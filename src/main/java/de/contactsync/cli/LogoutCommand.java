package de.contactsync.cli;

import de.contactsync.app.ExitCode;
import de.contactsync.app.JtlAccess;
import de.contactsync.app.SecretStore;
import de.contactsync.config.Settings;
import de.contactsync.config.TenantSettings;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.oauth.LoginFlow;
import de.contactsync.persistence.NoDatabaseException;
import de.contactsync.persistence.SecretTable;
import de.contactsync.resilience.BreakerRegistry;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "logout",
        description =
                "Logs out: revokes the login at JTL if jtl.oauth.revocation-endpoint is set, and deletes it" + " here.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
final class LogoutCommand implements Callable<Integer> {

    private static final String NOBODY = "Nobody was logged in.";

    @Option(
            names = "--tenant",
            paramLabel = "NAME",
            description = "The tenant, as named in the settings jtl.tenants.NAME.")
    private String tenant;

    @Override
    public Integer call() {
        Settings settings = Settings.load().ofTenant(tenant);
        TenantSettings jtl = LoginCommand.requireLogin(settings, "logout");
        String kept = JtlAccess.login(jtl);
        BreakerRegistry breakers = new BreakerRegistry(
                Clock.systemUTC(), System::nanoTime, settings.jtl().refusalPause());
        try (SecretStore secrets = SecretStore.existing(settings, breakers)) {
            SecretTable table = secrets.table();
            Optional<String> refreshToken = table.get(kept);
            boolean revokes = jtl.login().revocationEndpoint() != null;
            if (refreshToken.isPresent() && revokes) {
                LoginFlow.revoke(jtl.oauth(), jtl.login(), refreshToken.get(), settings.network());
            }
            table.remove(kept);
            System.out.println(
                    refreshToken.isEmpty()
                            ? NOBODY
                            : revokes
                                    ? "Logged out: JTL has revoked the login, and it is deleted here."
                                    : "Logged out: the login is deleted here. It was not revoked at JTL, because"
                                            + " jtl.oauth.revocation-endpoint is not set.");
        } catch (ProcessingHaltedException e) {
            if (!(e.getCause() instanceof NoDatabaseException)) {
                throw e;
            }
            System.out.println(NOBODY);
        }
        return ExitCode.ALL_STORED;
    }
}
