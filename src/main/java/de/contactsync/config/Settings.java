package de.contactsync.config;

import de.contactsync.crm.CrmSettings;
import de.contactsync.crm.CrmTimeouts;
import de.contactsync.http.Network;
import de.contactsync.imports.ContactFileWriter;
import de.contactsync.imports.FileSettings;
import de.contactsync.imports.TimerSettings;
import de.contactsync.jtl.JtlSettings;
import de.contactsync.messaging.http.HttpSourceSettings;
import de.contactsync.messaging.jms.QueueSettings;
import de.contactsync.messaging.kafka.KafkaSettings;
import de.contactsync.model.ContactKey;
import de.contactsync.model.JtlId;
import de.contactsync.model.TenantNames;
import de.contactsync.oauth.LoginSettings;
import de.contactsync.oauth.OAuthSettings;
import de.contactsync.persistence.DatabaseSettings;
import de.contactsync.persistence.SecretKeys;
import de.contactsync.routes.RouteSinkSettings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The configuration, read once from where it was given and checked whole. Keys under {@code camel.} go to Camel as they
 * are.
 */
public final class Settings {

    private static final Logger LOG = LoggerFactory.getLogger(Settings.class);

    /** So that what was claimed for it is recorded before another process may claim it. */
    private static final Duration LONGEST_ROUTE = Duration.ofMinutes(4);

    private static final Set<String> KNOWN_SOURCES = Set.of("file", "queue", "kafka", "http", "route", "timer");
    private static final Set<String> KNOWN_SINKS = Set.of("database", "file", "queue", "crm");

    private final PropertySources given;

    private Network network;
    private JtlSettings jtl;
    private OAuthSettings oauth;
    private LoginSettings login;
    private boolean forOthers;
    private List<TenantSettings> tenants = List.of();
    private SecretKeys secretKeys;
    private FileSettings file;
    private TimerSettings timer;
    private ContactFileWriter.Format contactFile;
    private DatabaseSettings database;
    private QueueSettings queue;
    private boolean chunksViaQueue;
    private KafkaSettings kafka;
    private HttpSourceSettings http;
    private Set<String> sources;
    private Set<String> sinks;
    private Duration maxWait;
    private Duration routeTimeout;
    private boolean deadLetterWithKey;
    private AlertSettings alerts;
    private Duration keepsDeadLetters;
    private Duration keepsRuns;
    private URI tracing;
    private StatusSettings status;
    private CrmSettings crm;
    private CrmTimeouts crmTimeouts;
    private boolean intoCrm;
    private List<RouteSinkSettings> routeSinks = List.of();
    private boolean once;

    private Settings(PropertySources given) {
        this.given = given;
    }

    public static Settings load() {
        return load(Path.of(""), System.getenv(), System.getProperties());
    }

    /** For a command that looks up the keys of the schedule when it is given: {@link #timer} has no schedule. */
    public static Settings loadToRunOnce() {
        return loadToRunOnce(Path.of(""), System.getenv(), System.getProperties());
    }

    static Settings loadToRunOnce(Path workingDirectory, Map<String, String> environment, Properties system) {
        Settings settings = new Settings(warned(PropertySources.read(workingDirectory, environment, system)));
        settings.once = true;
        return settings.checked(true);
    }

    /** For a command that never calls JTL, and so needs no credentials: {@link #oauth()} is null. */
    public static Settings loadWithoutCredentials() {
        return new Settings(warned(PropertySources.read(Path.of(""), System.getenv(), System.getProperties())))
                .checked(false);
    }

    /** These, for a command that asks JTL, with its credentials, and writes nothing. */
    public Settings withoutSinks() {
        return new Settings(given.with(Map.of(ConfigKey.SINKS, "database", ConfigKey.FILE_VIA, "direct")))
                .checked(true);
    }

    /** @throws ConfigurationException with every problem there is, not only the first */
    public static Settings load(Path workingDirectory, Map<String, String> environment, Properties system) {
        return new Settings(warned(PropertySources.read(workingDirectory, environment, system))).checked(true);
    }

    /** How the log is to be written, which is known before all else is read; empty when it is set to no such thing. */
    public static Optional<LogFormat> logFormat() {
        PropertySources given = PropertySources.read(Path.of(""), System.getenv(), System.getProperties());
        return Optional.ofNullable(logFormat(new SettingsParser(given)));
    }

    private static LogFormat logFormat(SettingsParser read) {
        return read.parsed(
                ConfigKey.LOG_FORMAT, "text or json", value -> LogFormat.valueOf(SettingsParser.constant(value)));
    }

    private static PropertySources warned(PropertySources given) {
        given.warnings().forEach(LOG::warn);
        return given;
    }

    /** Settings out of nothing but {@code values}, for a run that must not depend on where it is started. */
    public static Settings of(Map<ConfigKey, String> values) {
        return new Settings(PropertySources.builtIn(values)).checked(true);
    }

    /** The way to JTL, to token endpoints and to the CRM. */
    public Network network() {
        return network;
    }

    public JtlSettings jtl() {
        return jtl;
    }

    /** Of tenants without settings of their own; empty where there are only settings of single ones. */
    public Optional<TenantSettings> others() {
        return forOthers ? Optional.of(new TenantSettings(given.tenant(), jtl, oauth, login)) : Optional.empty();
    }

    /** Tenants with settings of their own, {@code jtl.tenants.NAME.…}, in the order of their names. */
    public List<TenantSettings> tenants() {
        return tenants;
    }

    /**
     * As they are for one of the {@link #tenants}, which is the only one then.
     *
     * @param tenant its name or id; null: for all others
     * @throws ConfigurationException when there is no such tenant
     */
    public Settings ofTenant(String tenant) {
        if (tenant == null) {
            if (!forOthers) {
                throw new ConfigurationException(
                        List.of("only single tenants have settings: name one of them by --tenant NAME"));
            }
            return this;
        }
        UUID id = ContactKey.parseUuid(tenant).orElse(null);
        String name = tenants.stream()
                .filter(known -> known.name().equals(TenantNames.canonical(tenant))
                        || known.jtl().tenantId().equals(id))
                .map(TenantSettings::name)
                .findFirst()
                .orElseThrow(() -> new ConfigurationException(List.of("there are no settings for a tenant " + tenant
                        + ": jtl.tenants." + (id == null ? tenant : "NAME") + ".… is not set")));
        return new Settings(given.ofTenant(name)).checked(true);
    }

    /** Null where JTL is not called, or by {@code jtl.auth=wawi-app}. */
    public OAuthSettings oauth() {
        return oauth;
    }

    /** Null where nobody logs in at JTL. */
    public LoginSettings login() {
        return login;
    }

    /** What secrets in the database are encrypted with. */
    public SecretKeys secretKeys() {
        return secretKeys;
    }

    public FileSettings file() {
        return file;
    }

    /** Its schedule is null when nothing runs by one. */
    public TimerSettings timer() {
        return timer;
    }

    /** Empty when contacts go into no files. */
    public Optional<ContactFileWriter.Format> contactFile() {
        return Optional.ofNullable(contactFile);
    }

    public DatabaseSettings database() {
        return database;
    }

    public Set<String> sources() {
        return sources;
    }

    public Set<String> sinks() {
        return sinks;
    }

    /** Whether the chunks of a run go to all processes by the queue. */
    public boolean chunksViaQueue() {
        return chunksViaQueue;
    }

    public QueueSettings queue() {
        return queue;
    }

    public KafkaSettings kafka() {
        return kafka;
    }

    /** Null when no keys come over HTTP. */
    public HttpSourceSettings http() {
        return http;
    }

    public AlertSettings alerts() {
        return alerts;
    }

    /** How long a route of the user may take for what it is given: a contact, a list, a dead letter, an alert. */
    public Duration routeTimeout() {
        return routeTimeout;
    }

    /** Whether the route dead-letter is given which contact it is about. */
    public boolean deadLetterWithKey() {
        return deadLetterWithKey;
    }

    /** Null is forever. */
    public Duration keepsDeadLetters() {
        return keepsDeadLetters;
    }

    /** Null is forever. */
    public Duration keepsRuns() {
        return keepsRuns;
    }

    /** The collector that traces go to; empty where nobody asked for any. */
    public Optional<URI> tracing() {
        return Optional.ofNullable(tracing);
    }

    /** How long {@code import} waits for something that is unavailable. */
    public Duration maxWait() {
        return maxWait;
    }

    /** Empty when the status port is off. */
    public Optional<StatusSettings> status() {
        return Optional.ofNullable(status);
    }

    /** Empty when the CRM is not among the sinks. */
    public Optional<CrmSettings> crm() {
        return intoCrm ? Optional.of(crm) : Optional.empty();
    }

    /** Sinks that are routes of the user, in the order of their names. */
    public List<RouteSinkSettings> routeSinks() {
        return routeSinks;
    }

    /**
     * Sinks that are sent what their dead letters stand for, by their names, as people know them. Also without
     * credentials.
     */
    public Map<String, String> replayedSinks() {
        Map<String, String> names = new TreeMap<>();
        if (sinks.contains("crm") && crm != null) {
            names.put(crm.name(), crm.name().equals("crm") ? "the CRM" : "the CRM " + crm.name());
        }
        routeSinks.forEach(route -> names.put(route.name(), "route:" + route.name()));
        return names;
    }

    /** Also when the CRM is not among the sinks, and then perhaps without what it takes to call it. */
    public CrmSettings crmForPreview() {
        return crm;
    }

    public CrmTimeouts crmTimeouts() {
        return crmTimeouts;
    }

    public Map<String, String> camel() {
        return given.camel();
    }

    /** What is wrong, with nothing missing that only a command which calls JTL needs. */
    static List<String> problems(PropertySources given) {
        try {
            new Settings(given).checked(false);
            return List.of();
        } catch (ConfigurationException e) {
            return e.problems();
        }
    }

    /** What each setting may be, in words, as far as these values have it read. */
    static Map<ConfigKey, String> allowed(Map<ConfigKey, String> values) {
        PropertySources given = PropertySources.builtIn(values);
        SettingsParser read = new SettingsParser(given);
        try {
            new Settings(given).read(read, false);
        } catch (ConfigurationException e) {
            // What is missing is of no interest here.
        }
        return read.allowed();
    }

    /** What the ids of each tenant are. */
    private static Function<UUID, JtlId.Kind> kinds(List<TenantSettings> tenants, JtlSettings others) {
        Map<UUID, JtlId.Kind> kinds = tenants.stream()
                .map(TenantSettings::jtl)
                .collect(Collectors.toMap(JtlSettings::tenantId, JtlSettings::ids, (a, b) -> a));
        return tenantId -> kinds.getOrDefault(tenantId, others.ids());
    }

    private Settings checked(boolean callsJtl) {
        return read(new SettingsParser(given), callsJtl);
    }

    private Settings read(SettingsParser read, boolean callsJtl) {
        network = NetworkSettingsParser.read(read);
        JtlSettingsParser access = new JtlSettingsParser(read, callsJtl);
        jtl = access.jtl();
        login = access.login();
        forOthers = given.tenant() != null || access.isForOthers();
        Map<String, UUID> tenantIds = new TreeMap<>();
        if (given.tenant() == null) {
            tenants = TenantSettingsParser.read(read, callsJtl, jtl.tenantId());
            tenants.forEach(tenant -> tenantIds.put(tenant.name(), tenant.jtl().tenantId()));
        } else {
            tenantIds.put(given.tenant(), jtl.tenantId());
        }
        secretKeys = SecretSettingsParser.read(read);
        Function<UUID, JtlId.Kind> kinds = kinds(tenants, jtl);
        file = new FileSettings(
                read.asWritten(
                        ConfigKey.FILE_DIRECTORY,
                        "a folder whose name the character set of this process can hold: start it"
                                + " with LC_ALL=C.UTF-8 in its environment where it holds umlauts",
                        Path::of),
                read.duration(ConfigKey.FILE_SETTLE, Duration.ofMillis(100), Duration.ofHours(1)),
                read.number(ConfigKey.CHUNK_SIZE, 1, 10_000),
                new TenantNames(jtl.tenantId(), tenantIds, kinds, kinds));
        database = new DatabaseSettings(
                read.parsed(
                        ConfigKey.DATABASE_URL,
                        "a URL that begins with jdbc:sqlite: or jdbc:postgresql:, with the password in"
                                + " contacts.database.password; of SQLite a file such as"
                                + " jdbc:sqlite:data/contacts.db, because what is in memory is not kept",
                        value -> isDatabase(value) && !SettingsParser.holdsSecret(value) ? value : null),
                read.text(ConfigKey.DATABASE_USERNAME),
                read.text(ConfigKey.DATABASE_PASSWORD));
        routeTimeout = read.duration(ConfigKey.ROUTE_TIMEOUT, Duration.ofSeconds(1), LONGEST_ROUTE);
        deadLetterWithKey = read.yes(ConfigKey.DEAD_LETTER_WITH_KEY);
        alerts = AlertSettingsParser.read(read);
        keepsDeadLetters = read.retention(ConfigKey.RETENTION_DEAD_LETTERS);
        keepsRuns = read.retention(ConfigKey.RETENTION_RUNS);
        maxWait = read.duration(ConfigKey.MAX_WAIT, Duration.ZERO, Duration.ofHours(24));
        status = StatusSettingsParser.read(read);
        logFormat(read);
        tracing = read.parsed(
                ConfigKey.TRACING_ENDPOINT,
                "the address of a collector such as http://127.0.0.1:4318, without /v1/traces",
                value ->
                        value.matches("https?://[A-Za-z0-9.:\\[\\]-]+(/[A-Za-z0-9._/-]*)?") ? URI.create(value) : null);
        sources = read.names(ConfigKey.SOURCES, KNOWN_SOURCES);
        boolean scheduled = sources.contains("timer") && !once;
        timer = ScheduleSettingsParser.read(read, scheduled, scheduled || once, file);
        ContactFileWriter.Format output = read.parsed(
                ConfigKey.FILE_OUTPUT,
                "csv or ndjson",
                value -> value.matches("csv|ndjson")
                        ? ContactFileWriter.Format.valueOf(value.toUpperCase(Locale.ROOT))
                        : null);
        sinks = read.names(ConfigKey.SINKS, KNOWN_SINKS, RouteSinkSettingsParser.ROUTE);
        contactFile = sinks.contains("file") ? output : null;
        read.parsed(
                ConfigKey.SINKS,
                "database among them, which the others are served from",
                value -> sinks.contains("database") ? value : null);
        queue = QueueSettingsParser.read(read);
        chunksViaQueue = "queue"
                .equals(read.parsed(
                        ConfigKey.FILE_VIA, "direct or queue", value -> value.matches("direct|queue") ? value : null));
        http = HttpSourceSettingsParser.read(read, sources.contains("http"));
        kafka = KafkaSettingsParser.read(read, sources.contains("kafka"));
        intoCrm = sinks.contains("crm") && callsJtl;
        crm = CrmSettingsParser.read(read, intoCrm);
        routeSinks = RouteSinkSettingsParser.read(read, sinks, crm);
        crmTimeouts = CrmTimeouts.of(
                read.duration(ConfigKey.CRM_CONNECT_TIMEOUT, Duration.ofMillis(100), Duration.ofMinutes(5)),
                read.duration(ConfigKey.CRM_RESPONSE_TIMEOUT, Duration.ofSeconds(1), Duration.ofMinutes(10)),
                maxWait);
        oauth = access.oauth();
        read.check();
        return this;
    }

    private static boolean isDatabase(String url) {
        return url.startsWith("jdbc:postgresql:")
                || url.startsWith("jdbc:sqlite:") && DatabaseSettings.sqliteFile(url) != null;
    }
}
