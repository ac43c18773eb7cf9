package de.contactsync.cli;

import de.contactsync.keyfile.KeyFile;
import de.contactsync.keyfile.UnreadableKeyFileException;
import de.contactsync.model.KeyEntry;
import de.contactsync.simulator.Fault;
import de.contactsync.simulator.JtlSimulator;
import de.contactsync.simulator.Quota;
import de.contactsync.simulator.RequestedKey;
import de.contactsync.simulator.SimulatorOptions;
import de.contactsync.simulator.Wawi;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code simulator}: runs the JTL simulator until SIGTERM, which ends the process with 0. Prints the settings for it as
 * a properties file on stdout. Ends with 2 when an option is wrong or the port is taken.
 */
@Command(
        name = "simulator",
        description = "Simulates JTL (API and token endpoint), and a CRM on demand, until SIGTERM.")
public final class SimulatorCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help message and exit.")
    private boolean help;

    @Option(
            names = "--port",
            paramLabel = "P",
            description = "Port of the API and token endpoint; 0 for a free port (default: 0).")
    private int port;

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1",
            description = "Address to listen on (default: ${DEFAULT-VALUE}).")
    private String host;

    @Option(
            names = "--client-id",
            paramLabel = "ID",
            defaultValue = "demo",
            description = "Client id to accept (default: ${DEFAULT-VALUE}).")
    private String clientId;

    @Option(
            names = "--client-secret",
            paramLabel = "SECRET",
            defaultValue = "demo",
            description = "Client secret to accept (default: ${DEFAULT-VALUE}).")
    private String clientSecret;

    @Option(
            names = "--token-lifetime",
            paramLabel = "DURATION",
            defaultValue = "1h",
            converter = SimulatorConverters.DurationConverter.class,
            description = "Lifetime of access tokens, 1s or longer (default: ${DEFAULT-VALUE}).")
    private Duration tokenLifetime;

    @Option(
            names = "--latency",
            paramLabel = "DURATION",
            defaultValue = "0ms",
            converter = SimulatorConverters.DurationConverter.class,
            description = "Delay before each response of the API, such as 50ms.")
    private Duration latency;

    @Option(
            names = "--quota",
            paramLabel = "N/DURATION",
            converter = SimulatorConverters.QuotaConverter.class,
            description = "Calls per interval, such as 60/10s (default: no limit and no X-RateLimit headers).")
    private Quota quota;

    @Option(
            names = "--quota-window",
            paramLabel = "KIND",
            converter = SimulatorConverters.WindowConverter.class,
            description =
                    "How the quota is counted: fixed, sliding, bucket, or none, which reports it but refuses nothing"
                            + " (default: fixed).")
    private Quota.Window quotaWindow;

    @Option(names = "--retry-after", description = "Send Retry-After with status 429.")
    private boolean retryAfter;

    @Option(
            names = "--not-found-share",
            paramLabel = "SHARE",
            description = "Share of contacts that do not exist, 0 to 1.")
    private double notFoundShare;

    @Option(
            names = "--revision",
            paramLabel = "N",
            description = "Revision of the data; each revision changes some contacts.")
    private int revision;

    @Option(
            names = "--changed-share",
            paramLabel = "SHARE",
            defaultValue = "0.1",
            description = "Share of contacts that each revision changes, 0 to 1 (default: ${DEFAULT-VALUE}).")
    private double changedShare;

    @Option(
            names = "--revision-every",
            paramLabel = "DURATION",
            converter = SimulatorConverters.DurationConverter.class,
            description = "Interval after which the revision increases by one, such as 1m (default: never).")
    private Duration revisionEvery;

    @Option(names = "--pascal-case", description = "Use names as in API v1, such as FirstName.")
    private boolean pascalCase;

    @Option(
            names = "--contacts",
            paramLabel = "FILE",
            description = "Key file with all existing contacts, which also enables contact lists of customers (default:"
                    + " every id is a contact, no lists).")
    private Path contacts;

    @Option(
            names = "--fault",
            paramLabel = "RULE",
            converter = SimulatorConverters.FaultConverter.class,
            description = "Calls that fail, such as status=503,share=0.01. May be given several times.")
    private List<Fault> faults = new ArrayList<>();

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Seed of the random contacts (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--count-keys", description = "Count calls per key, for /simulator/stats?keys=true.")
    private boolean countKeys;

    @Option(
            names = "--registration",
            paramLabel = "WHAT",
            defaultValue = "accepted",
            description = "Outcome of registrations with JTL-Wawi: accepted, rejected, pending, closed, no-licence,"
                    + " already, expired or key-lost (default: ${DEFAULT-VALUE}).")
    private String registration;

    @Option(
            names = "--wawi-version",
            paramLabel = "N",
            defaultValue = "2",
            description = "API version of JTL-Wawi: 1 (PascalCase) or 2 (camelCase) (default: ${DEFAULT-VALUE}).")
    private int wawiVersion;

    @Option(names = "--tls-key-store", paramLabel = "FILE", description = "PKCS#12 file with a key; enables TLS.")
    private Path keyStore;

    @Option(names = "--tls-key-store-password", paramLabel = "PASSWORD", description = "Password of --tls-key-store.")
    private String keyStorePassword;

    @Mixin
    private SimulatedCrmOptions crmOptions;

    @Override
    public Integer call() throws InterruptedException {
        try (JtlSimulator simulator = start();
                SimulatedCrm crm = crmOptions.start(spec.commandLine())) {
            // A JVM that SIGTERM ends has exit code 143, unless a shutdown hook ends it first.
            Runtime.getRuntime()
                    .addShutdownHook(new Thread(
                            () -> {
                                simulator.close();
                                Runtime.getRuntime().halt(0);
                            },
                            "simulator-shutdown"));
            PrintWriter out = spec.commandLine().getOut();
            print(simulator, out);
            if (crm != null) {
                crm.print(out);
            }
            advanceRevisions(simulator);
        }
        return 0;
    }

    /** Until the process ends; without --revision-every the revision stays. */
    private void advanceRevisions(JtlSimulator simulator) throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        if (revisionEvery == null) {
            never.await();
        }
        for (int next = revision + 1; !never.await(revisionEvery.toMillis(), TimeUnit.MILLISECONDS); next++) {
            simulator.revision(next);
        }
    }

    private JtlSimulator start() {
        try {
            return JtlSimulator.start(options());
        } catch (IllegalArgumentException | UncheckedIOException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    SimulatorOptions options() {
        if (revisionEvery != null && revisionEvery.isZero()) {
            throw new IllegalArgumentException("--revision-every is too short: expected 1ms or longer");
        }
        SimulatorOptions.Builder options = SimulatorOptions.builder()
                .host(host)
                .port(port)
                .client(clientId, clientSecret)
                .tokenLifetime(tokenLifetime)
                .latency(latency)
                .notFoundShare(notFoundShare)
                .revision(revision)
                .changedShare(changedShare)
                .pascalCase(pascalCase)
                .seed(seed)
                .countKeys(countKeys)
                .wawi(new Wawi(Wawi.Registration.parse(registration), wawiVersion, 1))
                .tls(keyStore, keyStorePassword);
        faults.forEach(options::fault);
        if (contacts != null) {
            options.contacts(contactsIn(contacts));
        }
        return options.quota(wholeQuota()).build();
    }

    /** @throws IllegalArgumentException when the file cannot be read, or holds no key */
    static List<RequestedKey> contactsIn(Path file) {
        List<RequestedKey> contacts = new ArrayList<>();
        try (KeyFile keys = KeyFile.open(file)) {
            keys.forEachRemaining(entry -> {
                if (entry instanceof KeyEntry.Valid valid) {
                    contacts.add(new RequestedKey(
                            valid.key().customerId(), valid.key().contactId()));
                }
            });
        } catch (IOException | UncheckedIOException | UnreadableKeyFileException e) {
            throw new IllegalArgumentException(file + " cannot be read: " + e.getMessage(), e);
        }
        if (contacts.isEmpty()) {
            throw new IllegalArgumentException(file + " contains no contact key");
        }
        return contacts;
    }

    private Quota wholeQuota() {
        if (quota == null) {
            if (quotaWindow != null || retryAfter) {
                throw new IllegalArgumentException("--quota-window and --retry-after require --quota");
            }
            return null;
        }
        Quota inWindow = quotaWindow == null ? quota : quota.window(quotaWindow);
        return retryAfter ? inWindow.withRetryAfter() : inWindow;
    }

    private void print(JtlSimulator simulator, PrintWriter out) {
        out.println("# JTL simulator, runs until SIGTERM. Settings for application.properties:");
        out.println("jtl.base-url=" + simulator.baseUrl());
        out.println("# any uuid is accepted as a tenant");
        out.println("jtl.tenant-id=3f2c0c5e-6b0f-4a59-9d53-6a1f0d1c2b7a");
        out.println("jtl.oauth.token-endpoint=" + simulator.tokenApi());
        out.println("jtl.oauth.client-id=" + property(clientId));
        out.println("jtl.oauth.client-secret=" + property(clientSecret));
        out.println("# a person's login instead, by the command login: jtl.auth=authorization-code, no secret, and");
        out.println("#jtl.oauth.authorization-endpoint=" + simulator.loginUrl());
        out.println("#jtl.oauth.revocation-endpoint=" + simulator.revocationUrl());
        out.println("# JTL-Wawi on your own server instead, by the command register: jtl.auth=wawi-app, and only");
        out.println("#jtl.base-url=" + simulator.wawiUrl());
        out.println("# calls so far: " + simulator.statsUrl());
        out.flush();
    }

    private static String property(String value) {
        return value.replace("\\", "\\\\");
    }
}
