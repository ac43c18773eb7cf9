package de.contactsync.app;

import de.contactsync.config.Settings;
import de.contactsync.crm.CrmAudit;
import de.contactsync.crm.CrmSettings;
import de.contactsync.crm.CrmTrial;
import de.contactsync.crm.EmailMatcher;
import de.contactsync.model.Chunk;
import de.contactsync.model.CreateAttempts;
import de.contactsync.model.DeliveryTarget;
import de.contactsync.model.EnrichedChunk;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.RecordOwners;
import de.contactsync.model.RefreshTokens;
import de.contactsync.outbox.DeliveryTargets;
import de.contactsync.persistence.Database;
import de.contactsync.persistence.ProcessId;
import de.contactsync.persistence.SecretVault;
import de.contactsync.resilience.BreakerRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Calls of JTL and the CRM without a database, sources and sinks, for commands that write nothing. */
public final class ReadOnlyApplication implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ReadOnlyApplication.class);

    private final Deque<AutoCloseable> resources = new ArrayDeque<>();
    private final CamelContext camel;
    /** Null when there is none. */
    private final CrmConnection crm;

    private ReadOnlyApplication(
            Settings settings,
            BreakerRegistry breakers,
            CrmSettings target,
            Function<String, RefreshTokens> refresh,
            Function<DeliveryTarget, String> refusal)
            throws Exception {
        try {
            RuntimeAdapter runtime = new RuntimeAdapter();
            SecretStore secrets = SecretStore.existing(settings, breakers);
            resources.push(secrets);
            JtlModule jtl = new JtlModule(
                    settings,
                    secrets,
                    breakers,
                    null,
                    ReadOnlyApplication::now,
                    keys -> Set.of(),
                    settings.file().chunkSize(),
                    settings.maxWait(),
                    null);
            resources.push(jtl);
            jtl.bind(runtime);
            crm = target == null
                    ? null
                    : new CrmConnection(
                            target,
                            settings.crmTimeouts(),
                            settings.network(),
                            CrmModule.mapping(target, settings.file().tenants()),
                            breakers,
                            refresh,
                            refusal,
                            CreateAttempts.NONE,
                            RecordOwners.NONE,
                            attempts -> {});
            if (crm != null) {
                resources.push(crm);
                crm.bind(runtime);
            }
            runtime.main().setDefaultPropertyPlaceholderLocation("false");
            runtime.main().setOverrideProperties(properties(settings));
            resources.push(runtime.main()::stop);
            runtime.main().start();
            camel = runtime.main().getCamelContext();
            if (crm != null) {
                crm.connect(camel);
            }
        } catch (Exception e) {
            close();
            throw e;
        }
    }

    /** For calls of JTL only. */
    public static ReadOnlyApplication start(Settings settings) throws Exception {
        BreakerRegistry breakers = new BreakerRegistry(
                Clock.systemUTC(), System::nanoTime, settings.jtl().refusalPause());
        return new ReadOnlyApplication(settings, breakers, null, ReadOnlyApplication::noRefreshToken, target -> null);
    }

    /** Tries only. */
    public static ReadOnlyApplication startTrial(Settings settings) throws Exception {
        return startTrial(settings, null, target -> null);
    }

    /**
     * Tries only.
     *
     * @param crm     whose client must not use a refresh token, which may be valid only once
     * @param refusal of a target that is not to be written to, with what to do; null for one that is
     */
    public static ReadOnlyApplication startTrial(
            Settings settings, CrmSettings crm, Function<DeliveryTarget, String> refusal) throws Exception {
        return new ReadOnlyApplication(
                settings,
                BreakerRegistry.ofTrial(settings.jtl().refusalPause()),
                crm,
                ReadOnlyApplication::noRefreshToken,
                refusal);
    }

    /**
     * For reading from the CRM, not at another target than was delivered into.
     *
     * @param database where that is written down, and a refresh token is kept; null for none
     */
    public static ReadOnlyApplication startAudit(Settings settings, BreakerRegistry breakers, Database database)
            throws Exception {
        CrmSettings crm = settings.crm().orElseThrow();
        DeliveryTarget known =
                database == null ? null : new DeliveryTargets(database, Clock.systemUTC()).of(crm.name());
        SecretVault vault = new SecretVault(settings.database(), settings.secretKeys());
        return new ReadOnlyApplication(
                settings,
                breakers,
                crm,
                database == null
                        ? ReadOnlyApplication::noRefreshToken
                        : first -> CrmModule.refreshTokens(
                                database, vault, crm.name(), ProcessId.self().toString(), first),
                target ->
                        known != null && target.isOtherThan(known) ? CrmModule.otherTarget(crm, target, known) : null);
    }

    private static RefreshTokens noRefreshToken(String first) {
        throw new IllegalStateException("a refresh token is spent only where its successor is kept");
    }

    /** Answers that are not stored are compared with none of other processes. */
    private static long now() {
        return TimeUnit.NANOSECONDS.toMicros(System.nanoTime());
    }

    private static Properties properties(Settings settings) {
        Properties properties = new Properties();
        settings.camel().forEach((key, value) -> {
            // Nothing of what others add: it might take in work.
            if (!CamelRouteSettings.namesClasses(key)) {
                properties.setProperty(key, value);
            }
        });
        properties.setProperty("camel.main.name", "jtl-contact-sync");
        properties.setProperty("camel.main.routes-include-pattern", "classpath:routes/enrich.camel.yaml");
        properties.setProperty("camel.main.shutdown-timeout", "4");
        properties.setProperty("camel.main.stream-caching-enabled", "false");
        return properties;
    }

    /** What JTL says to the keys of a chunk. */
    public EnrichedChunk enrich(Chunk chunk) throws Exception {
        Exchange asked = camel.createFluentProducerTemplate()
                .to("direct:enrich")
                .withBody(chunk)
                .send();
        if (asked.getException() != null) {
            throw asked.getException();
        }
        return asked.getMessage().getBody(EnrichedChunk.class);
    }

    /** @throws ProcessingHaltedException when the CRM cannot be reached, or cannot take our contacts as it is set up */
    public CrmTrial tryCrm() {
        return crm.tryOut();
    }

    /** @throws ProcessingHaltedException when the CRM cannot be reached, or is another than was delivered into */
    public CrmAudit audit() {
        return crm.sink().audit();
    }

    /** @throws ProcessingHaltedException when the CRM cannot be reached, or is another than was delivered into */
    public EmailMatcher matcher() {
        return crm.sink().matcher();
    }

    /** What a start would warn of about files with routes, for people. */
    public static List<String> routeWarnings() throws IOException {
        return RouteFiles.in(Path.of("")).warnings();
    }

    /**
     * Builds the routes as a start does, and starts none of them.
     *
     * @return what the user has of them, for people; empty when all routes are the program's
     */
    public static List<String> tryRoutes(Settings settings) throws Exception {
        return RouteTrial.run(settings, Path.of(""));
    }

    @Override
    public void close() {
        while (!resources.isEmpty()) {
            try {
                resources.pop().close();
            } catch (Exception e) {
                LOG.warn("could not be closed: {}", e.toString());
            }
        }
    }
}
