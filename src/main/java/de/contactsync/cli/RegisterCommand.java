package de.contactsync.cli;

import de.contactsync.app.ExitCode;
import de.contactsync.app.JtlAccess;
import de.contactsync.app.SecretStore;
import de.contactsync.config.ConfigurationException;
import de.contactsync.config.DurationText;
import de.contactsync.config.Settings;
import de.contactsync.http.CertificateFingerprint;
import de.contactsync.http.CertificateProbe;
import de.contactsync.http.Network;
import de.contactsync.jtl.JtlAuth;
import de.contactsync.jtl.JtlSettings;
import de.contactsync.jtl.WawiRegistrar;
import de.contactsync.jtl.WawiRegistration;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.persistence.SecretTable;
import de.contactsync.resilience.BreakerRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "register",
        description = "Registers this app with JTL-Wawi on your own server (jtl.auth=wawi-app), and stores the key.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
final class RegisterCommand implements Callable<Integer> {

    private static final Duration BETWEEN_CALLS = Duration.ofSeconds(5);
    /** Between lines where there is no terminal. */
    private static final Duration BETWEEN_LINES = Duration.ofSeconds(30);

    private static final String TRIAL = "jtl:registration-trial";

    @Option(
            names = "--tenant",
            paramLabel = "NAME",
            description = "The tenant, as named in the settings jtl.tenants.NAME.")
    private String tenant;

    @Option(
            names = "--wait",
            paramLabel = "DURATION",
            defaultValue = "10m",
            description = "How long to wait for somebody to accept it (default: ${DEFAULT-VALUE}).")
    private String wait;

    private final PrintStream out = System.out;
    private final boolean terminal = System.console() != null;

    @Override
    public Integer call() throws Exception {
        Settings settings = Settings.load().ofTenant(tenant);
        JtlSettings jtl = settings.jtl();
        Duration patience = DurationText.parse(wait);
        if (jtl.auth() != JtlAuth.WAWI_APP || patience == null || patience.isZero()) {
            throw new ConfigurationException(List.of(
                    jtl.auth() != JtlAuth.WAWI_APP
                            ? "register is for jtl.auth=wawi-app, and jtl.auth is "
                                    + jtl.auth().id()
                            : "--wait is \"" + wait + "\": expected a duration such as 10m"));
        }
        BreakerRegistry breakers = new BreakerRegistry(Clock.systemUTC(), System::nanoTime, jtl.refusalPause());
        try (SecretStore secrets = SecretStore.create(settings, breakers)) {
            SecretTable table = secrets.table();
            // The server tells the key once: there must be a place for it before it is asked for.
            table.put(TRIAL, "trial");
            table.remove(TRIAL);
            String fingerprint = jtl.fingerprint() == null ? confirmed(jtl, settings.network()) : jtl.fingerprint();
            try (WawiRegistrar registrar = new WawiRegistrar(jtl, settings.network(), fingerprint)) {
                out.println(jtl.baseUrl() + ": " + registrar.info());
                walkThrough();
                String version = registrar.begin();
                out.println("JTL-Wawi has received the registration of "
                        + jtl.app().id() + " (API " + version + "). Accept it there now.");
                WawiRegistration registration = await(registrar, patience);
                table.put(JtlAccess.registration(settings.others().orElseThrow()), registration.toText());
                out.println("Registered. The key is stored"
                        + (settings.secretKeys().current() == null
                                ? " in a file that only you can read, beside the database."
                                : ", encrypted, in the database."));
            }
        }
        out.println("One call: " + JtlTrial.run(settings));
        return ExitCode.ALL_STORED;
    }

    private void walkThrough() {
        out.println("""
            In JTL-Wawi (the new surface), on any computer:
              1. Admin > App-Registrierung > Hinzufügen
              2. "Registrierung beginnen", and keep that window open
            """.stripTrailing());
        if (terminal) {
            out.print("Then press Enter here. ");
            out.flush();
            line();
        }
    }

    /** Null where the certificate is trusted, or there is none. */
    private String confirmed(JtlSettings jtl, Network network) throws IOException {
        if (!"https".equals(jtl.baseUrl().getScheme())) {
            return null;
        }
        try (WawiRegistrar trusted = new WawiRegistrar(jtl, network, null)) {
            trusted.info();
            return null;
        } catch (ProcessingHaltedException e) {
            if (!String.valueOf(e.getMessage()).contains("certificate")) {
                throw e;
            }
            out.println(e.getMessage());
        }
        X509Certificate certificate = CertificateProbe.certificate(jtl.baseUrl(), jtl.connectTimeout());
        String fingerprint = CertificateFingerprint.of(certificate);
        out.println("The server shows this certificate:\n  for    "
                + certificate.getSubjectX500Principal().getName() + "\n  until  "
                + certificate.getNotAfter().toInstant() + "\n  SHA-256 "
                + CertificateFingerprint.spaced(fingerprint));
        out.print("Compare it with the one on the server of JTL-Wawi. Is it the same? [y/N] ");
        out.flush();
        if (!String.valueOf(line()).strip().matches("(?i)y|yes|j|ja")) {
            throw new ProcessingHaltedException(
                    "The certificate was not confirmed, so nothing was sent. Without a terminal, set"
                            + " jtl.certificate-fingerprint to the fingerprint, or set contacts.trust-store");
        }
        return fingerprint;
    }

    private static String line() {
        try {
            return new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset())).readLine();
        } catch (IOException e) {
            return null;
        }
    }

    private WawiRegistration await(WawiRegistrar registrar, Duration patience) throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        long nextCall = System.nanoTime();
        long nextLine = System.nanoTime();
        String trouble = "";
        CountDownLatch never = new CountDownLatch(1);
        boolean over = false;
        while (!over) {
            long now = System.nanoTime();
            // Asked once more at the end: an acceptance that nobody collects would leave an app without a key.
            over = now - end >= 0;
            if (over || now - nextCall >= 0) {
                nextCall = now + BETWEEN_CALLS.toNanos();
                WawiRegistrar.Progress progress = registrar.poll();
                if (progress instanceof WawiRegistrar.Accepted accepted) {
                    newLine();
                    return accepted.registration();
                }
                trouble = progress instanceof WawiRegistrar.Unanswered unanswered
                        ? " (no answer at the moment: " + unanswered.trouble() + ")"
                        : "";
            }
            if (!over && (terminal || now - nextLine >= 0)) {
                nextLine = now + BETWEEN_LINES.toNanos();
                long left = TimeUnit.NANOSECONDS.toSeconds(end - System.nanoTime());
                String text = "Waiting for somebody to accept it in JTL-Wawi: %d:%02d left%s"
                        .formatted(left / 60, left % 60, trouble);
                out.print(terminal ? "\r" + text + "   " : text + System.lineSeparator());
                out.flush();
            }
            if (!over) {
                never.await(1, TimeUnit.SECONDS);
            }
        }
        newLine();
        throw new ProcessingHaltedException(
                trouble.isEmpty()
                        ? "The registration was not accepted within " + wait
                                + ": run register again, and accept it in JTL-Wawi under Admin > App-Registrierung"
                        : "JTL-Wawi was unavailable at the end of " + wait + trouble
                                + ", so it is unknown whether the registration was accepted: if JTL-Wawi lists the"
                                + " app, remove it there, then run register again");
    }

    private void newLine() {
        if (terminal) {
            out.println();
        }
    }
}
