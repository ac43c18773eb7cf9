package de.contactsync.command;

import de.contactsync.contact.ContactKey;
import de.contactsync.crm.CrmSettings;
import de.contactsync.crm.CrmTimeouts;
import de.contactsync.http.Network;
import de.contactsync.jtl.JtlSettings;
import de.contactsync.jtl.OAuthSettings;
import de.contactsync.kafka.KafkaSettings;
import de.contactsync.ledger.DatabaseSettings;
import de.contactsync.queue.QueueSettings;
import de.contactsync.source.ContactFile;
import de.contactsync.source.FileSettings;
import de.contactsync.source.TimerSettings;
import de.contactsync.status.StatusSettings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;

/** The configuration, read once from where it was given and checked whole. Keys under {@code camel.} go to Camel as they are. */
final class Settings {

    private static final Set<String> KNOWN_SOURCES = Set.of("file", "queue", "kafka", "timer");
    private static final Set<String> KNOWN_SINKS = Set.of("database", "file", "queue", "crm");

    private final GivenSettings given;

    private Network network;
    private JtlSettings jtl;
    private OAuthSettings oauth;
    private FileSettings file;
    private TimerSettings timer;
    private ContactFile.Format contactFile;
    private DatabaseSettings database;
    private QueueSettings queue;
    private boolean chunksViaQueue;
    private KafkaSettings kafka;
    private Set<String> sources;
    private Set<String> sinks;
    private Duration maxWait;
    private Duration keepsDeadLetters;
    private Duration keepsRuns;
    private StatusSettings status;
    private CrmSettings crm;
    private CrmTimeouts crmTimeouts;
    private boolean intoCrm;

    private Settings(GivenSettings given) {
        this.given = given;
    }

    static Settings load() {
        return load(Path.of(""), System.getenv(), System.getProperties());
    }

    /** For a command that never calls JTL, and so needs no credentials: {@link #oauth()} is null. */
    static Settings loadWithoutCredentials() {
        return new Settings(GivenSettings.read(Path.of(""), System.getenv(), System.getProperties())).checked(false);
    }

    /** These, for a command that asks JTL, with its credentials, and writes nothing. */
    Settings withoutSinks() {
        return new Settings(given.with(Map.of(Setting.SINKS, "database", Setting.FILE_VIA, "direct"))).checked(true);
    }

    /** @throws ConfigurationException with every problem there is, not only the first */
    static Settings load(Path workingDirectory, Map<String, String> environment, Properties system) {
        return new Settings(GivenSettings.read(workingDirectory, environment, system)).checked(true);
    }

    /** Settings out of nothing but {@code values}, for a run that must not depend on where it is started. */
    static Settings of(Map<Setting, String> values) {
        return new Settings(GivenSettings.builtIn(values)).checked(true);
    }

    /** The way to JTL, to token endpoints and to the CRM. */
    Network network() {
        return network;
    }

    JtlSettings jtl() {
        return jtl;
    }

    OAuthSettings oauth() {
        return oauth;
    }

    FileSettings file() {
        return file;
    }

    /** Its schedule is null when {@code timer} is not among the sources. */
    TimerSettings timer() {
        return timer;
    }

    /** Empty when contacts go into no files. */
    Optional<ContactFile.Format> contactFile() {
        return Optional.ofNullable(contactFile);
    }

    DatabaseSettings database() {
        return database;
    }

    Set<String> sources() {
        return sources;
    }

    Set<String> sinks() {
        return sinks;
    }

    /** Whether the chunks of a run go to all processes by the queue. */
    boolean chunksViaQueue() {
        return chunksViaQueue;
    }

    QueueSettings queue() {
        return queue;
    }

    KafkaSettings kafka() {
        return kafka;
    }

    /** How long {@code import} waits for something that is out of reach. */
    /** Null is for ever. */
    Duration keepsDeadLetters() {
        return keepsDeadLetters;
    }

    /** Null is for ever. */
    Duration keepsRuns() {
        return keepsRuns;
    }

    Duration maxWait() {
        return maxWait;
    }

    /** Empty when the status port is off. */
    Optional<StatusSettings> status() {
        return Optional.ofNullable(status);
    }

    /** Empty when the CRM is no sink. */
    Optional<CrmSettings> crm() {
        return intoCrm ? Optional.of(crm) : Optional.empty();
    }

    /** Also when the CRM is no sink, and then perhaps without what it takes to call it. */
    CrmSettings crmForPreview() {
        return crm;
    }

    CrmTimeouts crmTimeouts() {
        return crmTimeouts;
    }

    Map<String, String> camel() {
        return given.camel();
    }

    /** What each setting may be, in words, as far as these values have it read. */
    static Map<Setting, String> allowed(Map<Setting, String> values) {
        GivenSettings given = GivenSettings.builtIn(values);
        SettingReader read = new SettingReader(given);
        try {
            new Settings(given).read(read, false);
        } catch (ConfigurationException e) {
            // What is missing is of no interest here.
        }
        return read.allowed();
    }

    private Settings checked(boolean callsJtl) {
        return read(new SettingReader(given), callsJtl);
    }

    private Settings read(SettingReader read, boolean callsJtl) {
        Duration connectTimeout = read.duration(Setting.CONNECT_TIMEOUT, Duration.ofMillis(100), Duration.ofMinutes(5));
        Duration responseTimeout = read.duration(Setting.RESPONSE_TIMEOUT, Duration.ofMillis(100), Duration.ofMinutes(10));
        int maxAttempts = read.number(Setting.MAX_ATTEMPTS, 1, 20);
        String runAs = read.id(Setting.RUN_AS);
        UUID tenantId = read.parsed(Setting.TENANT_ID, "a uuid such as 3f2b8c1e-5d70-4c39-9a52-0e6b7d1f4a88",
                value -> ContactKey.parseUuid(value).orElse(null));
        network = NetworkSection.read(read);
        jtl = new JtlSettings(
                read.address(Setting.BASE_URL, "/+$"),
                tenantId, runAs, read.id(Setting.COMPANY_ID),
                read.number(Setting.CONCURRENCY, 1, 512),
                connectTimeout,
                responseTimeout,
                maxAttempts,
                read.percent(Setting.QUOTA_RESERVE, 90),
                read.duration(Setting.REFUSAL_PAUSE, Duration.ofSeconds(1), Duration.ofHours(24)),
                "auto".equals(read.parsed(Setting.BULK_READ, "auto or never",
                        value -> value.matches("auto|never") ? value : null)));
        file = new FileSettings(
                read.asWritten(Setting.FILE_DIRECTORY, "a folder whose name the character set of this process can hold: start it"
                        + " with LC_ALL=C.UTF-8 in its environment where it holds umlauts", Path::of),
                read.duration(Setting.FILE_SETTLE, Duration.ofMillis(100), Duration.ofHours(1)),
                read.number(Setting.CHUNK_SIZE, 1, 10_000),
                tenantId);
        database = new DatabaseSettings(
                read.parsed(Setting.DATABASE_URL, "a URL that begins with jdbc:sqlite: or jdbc:postgresql:, with the password"
                                + " in contacts.database.password",
                        value -> value.matches("jdbc:(sqlite|postgresql):.*") && !SettingReader.holdsSecret(value)
                                ? value
                                : null),
                read.text(Setting.DATABASE_USERNAME),
                read.text(Setting.DATABASE_PASSWORD));
        keepsDeadLetters = read.retention(Setting.RETENTION_DEAD_LETTERS);
        keepsRuns = read.retention(Setting.RETENTION_RUNS);
        maxWait = read.duration(Setting.MAX_WAIT, Duration.ZERO, Duration.ofHours(24));
        status = readStatus(read);
        sources = read.names(Setting.SOURCES, KNOWN_SOURCES);
        timer = TimerSection.read(read, sources.contains("timer"), file);
        ContactFile.Format output = read.parsed(Setting.FILE_OUTPUT, "csv or ndjson",
                value -> value.matches("csv|ndjson") ? ContactFile.Format.valueOf(value.toUpperCase(Locale.ROOT)) : null);
        sinks = read.names(Setting.SINKS, KNOWN_SINKS);
        contactFile = sinks.contains("file") ? output : null;
        read.parsed(Setting.SINKS, "database among them, which the others are served from",
                value -> sinks.contains("database") ? value : null);
        queue = QueueSection.read(read);
        chunksViaQueue = "queue".equals(read.parsed(Setting.FILE_VIA, "direct or queue",
                value -> value.matches("direct|queue") ? value : null));
        kafka = KafkaSection.read(read, sources.contains("kafka"));
        intoCrm = sinks.contains("crm") && callsJtl;
        crm = CrmSection.read(read, intoCrm);
        crmTimeouts = new CrmTimeouts(
                read.duration(Setting.CRM_CONNECT_TIMEOUT, Duration.ofMillis(100), Duration.ofMinutes(5)),
                read.duration(Setting.CRM_RESPONSE_TIMEOUT, Duration.ofSeconds(1), Duration.ofMinutes(10)));
        URI tokenEndpoint = read.address(Setting.TOKEN_ENDPOINT, "");
        String clientId = callsJtl ? read.required(Setting.CLIENT_ID) : null;
        String clientSecret = callsJtl ? read.required(Setting.CLIENT_SECRET) : null;
        read.check();
        oauth = callsJtl
                ? new OAuthSettings("jtl.oauth", tokenEndpoint, clientId, clientSecret, scope(read, runAs), connectTimeout,
                        responseTimeout, maxAttempts)
                : null;
        return this;
    }

    private static StatusSettings readStatus(SettingReader read) {
        boolean open = read.yes(Setting.STATUS_OPEN);
        String host = read.parsed(Setting.STATUS_HOST, "a name or an address of this machine, and contacts.status.open=true"
                        + " if it is not a loopback one: whoever reaches it can read health and metrics",
                value -> value.matches("[A-Za-z0-9.:-]+") && (open || SettingReader.isLoopback(value) || value.equals("::1"))
                        ? value
                        : null);
        Set<String> allowedHosts = read.parsed(Setting.STATUS_ALLOWED_HOSTS, "names of hosts, without ports, with commas in"
                + " between", value -> value.matches("[A-Za-z0-9._-]+(\\s*,\\s*[A-Za-z0-9._-]+)*")
                        ? Set.of(value.toLowerCase(Locale.ROOT).split("\\s*,\\s*"))
                        : null);
        boolean off = "off".equals(read.text(Setting.STATUS_PORT));
        return off || host == null ? null : new StatusSettings(
                host, read.number(Setting.STATUS_PORT, 1, 65_535), open, allowedHosts == null ? Set.of() : allowedHosts);
    }

    private static String scope(SettingReader read, String runAs) {
        String scope = read.verbatim(Setting.SCOPE);
        String runAsScope = "application.runas";
        boolean add = runAs != null && !scope.isEmpty() && !Arrays.asList(scope.split("\\s+")).contains(runAsScope);
        return add ? scope + " " + runAsScope : scope;
    }
}
