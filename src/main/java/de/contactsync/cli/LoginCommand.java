package de.contactsync.cli;

import de.contactsync.app.ExitCode;
import de.contactsync.app.JtlAccess;
import de.contactsync.app.SecretStore;
import de.contactsync.config.ConfigurationException;
import de.contactsync.config.DurationText;
import de.contactsync.config.Settings;
import de.contactsync.config.TenantSettings;
import de.contactsync.http.Network;
import de.contactsync.jtl.JtlAuth;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.oauth.LoginFlow;
import de.contactsync.oauth.LoginFlow.LoggedIn;
import de.contactsync.persistence.SecretTable;
import de.contactsync.resilience.BreakerRegistry;
import java.awt.Desktop;
import java.awt.GraphicsEnvironment;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.Charset;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "login",
        description = "Logs a person in at JTL (jtl.auth=authorization-code), and stores the login for all processes"
                + " that use this database.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
final class LoginCommand implements Callable<Integer> {

    private static final String TRIAL = "jtl:login-trial";

    @Option(
            names = "--no-browser",
            description = "Ask for the address that the browser was redirected to, instead of listening for it on this"
                    + " machine.")
    private boolean noBrowser;

    @Option(
            names = "--tenant",
            paramLabel = "NAME",
            description = "The tenant, as named in the settings jtl.tenants.NAME.")
    private String tenant;

    @Option(
            names = "--wait",
            paramLabel = "DURATION",
            defaultValue = "5m",
            description = "How long to wait for the person (default: ${DEFAULT-VALUE}).")
    private String wait;

    private final PrintStream out = System.out;

    @Override
    public Integer call() throws Exception {
        Settings settings = Settings.load().ofTenant(tenant);
        TenantSettings jtl = requireLogin(settings, "login");
        Duration patience = DurationText.parse(wait);
        if (patience == null || patience.isZero()) {
            throw new ConfigurationException(List.of("--wait is \"" + wait + "\": expected a duration such as 5m"));
        }
        BreakerRegistry breakers = new BreakerRegistry(
                Clock.systemUTC(), System::nanoTime, settings.jtl().refusalPause());
        try (SecretStore secrets = SecretStore.create(settings, breakers)) {
            SecretTable table = secrets.table();
            // Nobody shall log in for nothing.
            table.put(TRIAL, "trial");
            table.remove(TRIAL);
            LoggedIn login = noBrowser ? pasted(jtl, settings.network()) : listened(jtl, settings.network(), patience);
            table.put(JtlAccess.login(jtl), login.refreshToken());
            out.println("Logged in" + (login.who() == null ? "" : " as " + login.who()) + ". The login is stored"
                    + (settings.secretKeys().current() == null
                            ? " in a file that only you can read, beside the database."
                            : ", encrypted, in the database."));
        }
        out.println(
                settings.file().tenantId() == null
                        ? "No call was made: jtl.tenant-id is not set."
                        : "One call: " + JtlTrial.run(settings));
        return ExitCode.ALL_STORED;
    }

    static TenantSettings requireLogin(Settings settings, String command) {
        if (settings.jtl().auth() != JtlAuth.AUTHORIZATION_CODE) {
            throw new ConfigurationException(List.of(command + " is for jtl.auth=authorization-code, and jtl.auth is "
                    + settings.jtl().auth().id()));
        }
        return settings.others().orElseThrow();
    }

    private LoggedIn listened(TenantSettings jtl, Network network, Duration patience) throws Exception {
        URI configured = jtl.login().redirectUri();
        if (!"http".equals(configured.getScheme())) {
            throw new ConfigurationException(List.of("jtl.oauth.redirect-uri is " + configured
                    + ", which is not a port of this machine (http://127.0.0.1:PORT/...): use login --no-browser"));
        }
        try (LoginListener listener = LoginListener.open(configured);
                LoginFlow flow = flow(jtl, network, listener.redirectUri())) {
            listener.start(flow::isOurs);
            out.println("Log in with a browser on this machine at\n" + flow.address());
            browse(flow.address());
            URI redirect = listener.await(patience)
                    .orElseThrow(() -> new ProcessingHaltedException("Nobody logged in within " + wait
                            + ": run login again; if this machine has no browser, use login --no-browser"));
            return flow.complete(redirect);
        }
    }

    private LoggedIn pasted(TenantSettings jtl, Network network) throws IOException {
        try (LoginFlow flow = flow(jtl, network, jtl.login().redirectUri())) {
            out.println("Log in with any browser at\n" + flow.address());
            out.println("It is then redirected to an address that begins with "
                    + jtl.login().redirectUri()
                    + " and may show an error, which does not matter. Paste that address here:");
            String line = new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset())).readLine();
            if (line == null || line.isBlank()) {
                throw new ProcessingHaltedException("No address was pasted, so nobody is logged in");
            }
            try {
                return flow.complete(URI.create(line.strip()));
            } catch (IllegalArgumentException e) {
                throw new ProcessingHaltedException(
                        "The pasted text is not an address: copy the whole address bar of the browser");
            }
        }
    }

    private static LoginFlow flow(TenantSettings jtl, Network network, URI redirectUri) {
        return new LoginFlow(jtl.oauth(), jtl.login(), redirectUri, network);
    }

    /** Where there is one; the address was printed. */
    private static void browse(URI address) {
        try {
            if (!GraphicsEnvironment.isHeadless()
                    && Desktop.isDesktopSupported()
                    && Desktop.getDesktop().isSupported(Desktop.Action.BROWSE)) {
                Desktop.getDesktop().browse(address);
            }
        } catch (IOException | RuntimeException | LinkageError e) {
            System.err.println("The browser could not be opened: " + e.getMessage());
        }
    }
}
