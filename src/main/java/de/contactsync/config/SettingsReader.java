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
import de.contactsync.oauth.LoginSettings;
import de.contactsync.persistence.DatabaseSettings;
import de.contactsync.persistence.SecretKeys;
import de.contactsync.routes.RouteSinkSettings;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads all settings, section by section, and reports every problem at once. */
final class SettingsReader {

    /** So that what was claimed for it is recorded before another process may claim it. */
    private static final Duration LONGEST_ROUTE = Duration.ofMinutes(4);

    private static final Set<String> KNOWN_SOURCES = Set.of("file", "queue", "kafka", "http", "route", "timer");
    private static final Set<String> KNOWN_SINKS = Set.of("database", "file", "queue", "crm");

    /** Which settings a command needs. */
    enum Purpose {
        CALLS_JTL,
        /** Looks up the keys of the schedule when the command is given, and so needs no schedule. */
        RUNS_ONCE,
        WITHOUT_CREDENTIALS
    }

    private final PropertySources given;
    private final SettingsParser read;
    private final Purpose purpose;
    private final boolean callsJtl;

    private SettingsReader(PropertySources given, Purpose purpose) {
        this.given = given;
        this.purpose = purpose;
        read = new SettingsParser(given);
        callsJtl = purpose != Purpose.WITHOUT_CREDENTIALS;
    }

    /** @throws ConfigurationException with every problem there is, not only the first */
    static Settings read(PropertySources given, Purpose purpose) {
        return new SettingsReader(given, purpose).settings();
    }

    /** What is wrong, with nothing missing that only a command which calls JTL needs. */
    static List<String> problems(PropertySources given) {
        try {
            read(given, Purpose.WITHOUT_CREDENTIALS);
            return List.of();
        } catch (ConfigurationException e) {
            return e.problems();
        }
    }

    /** What each setting may be, in words, as far as these values have it read. */
    static Map<ConfigKey, String> allowed(Map<ConfigKey, String> values) {
        SettingsReader reader = new SettingsReader(PropertySources.builtIn(values), Purpose.WITHOUT_CREDENTIALS);
        try {
            reader.settings();
        } catch (ConfigurationException e) {
            // What is missing is of no interest here.
        }
        return reader.read.allowed();
    }

    private Settings settings() {
        Network network = NetworkSettingsParser.read(read);
        JtlSettingsParser access = new JtlSettingsParser(read, callsJtl);
        JtlSettings jtl = access.jtl();
        LoginSettings login = access.login();
        List<TenantSettings> tenants =
                given.tenant() == null ? TenantSettingsParser.read(read, callsJtl, jtl.tenantId()) : List.of();
        SecretKeys secretKeys = SecretSettingsParser.read(read);
        FileSettings file = FileSettingsParser.read(read, jtl, tenants);
        DatabaseSettings database = DatabaseSettingsParser.read(read);
        Duration routeTimeout = read.duration(ConfigKey.ROUTE_TIMEOUT, Duration.ofSeconds(1), LONGEST_ROUTE);
        boolean deadLetterWithKey = read.yes(ConfigKey.DEAD_LETTER_WITH_KEY);
        AlertSettings alerts = AlertSettingsParser.read(read);
        Duration deadLetterRetention = read.retention(ConfigKey.RETENTION_DEAD_LETTERS);
        Duration runRetention = read.retention(ConfigKey.RETENTION_RUNS);
        Duration maxWait = read.duration(ConfigKey.MAX_WAIT, Duration.ZERO, Duration.ofHours(24));
        StatusSettings status = StatusSettingsParser.read(read);
        LogFormat.read(read);
        URI tracing = tracing();
        Set<String> sources = read.names(ConfigKey.SOURCES, KNOWN_SOURCES);
        TimerSettings timer = timer(sources, file);
        ContactFileWriter.Format contactFile = contactFile();
        Set<String> sinks = sinks();
        QueueSettings queue = QueueSettingsParser.read(read);
        boolean chunksViaQueue = "queue"
                .equals(read.parsed(
                        ConfigKey.FILE_VIA, "direct or queue", value -> value.matches("direct|queue") ? value : null));
        HttpSourceSettings http = HttpSourceSettingsParser.read(read, sources.contains("http"));
        KafkaSettings kafka = KafkaSettingsParser.read(read, sources.contains("kafka"));
        boolean intoCrm = sinks.contains("crm") && callsJtl;
        CrmSettings crm = CrmSettingsParser.read(read, intoCrm);
        List<RouteSinkSettings> routeSinks = RouteSinkSettingsParser.read(read, sinks, crm);
        CrmTimeouts crmTimeouts = crmTimeouts(maxWait);
        // Last, because it is none where anything is wrong.
        TenantSettings others = new TenantSettings(given.tenant(), jtl, access.oauth(), login);
        read.check();
        return new Settings(
                given,
                network,
                jtl,
                given.tenant() != null || access.isForOthers() ? Optional.of(others) : Optional.empty(),
                tenants,
                secretKeys,
                database,
                sources,
                file,
                timer,
                queue,
                chunksViaQueue,
                kafka,
                http,
                sinks,
                sinks.contains("file") ? Optional.of(contactFile) : Optional.empty(),
                intoCrm ? Optional.of(crm) : Optional.empty(),
                crm,
                crmTimeouts,
                routeSinks,
                routeTimeout,
                deadLetterWithKey,
                alerts,
                deadLetterRetention,
                runRetention,
                maxWait,
                Optional.ofNullable(status),
                Optional.ofNullable(tracing));
    }

    private URI tracing() {
        return read.parsed(
                ConfigKey.TRACING_ENDPOINT,
                "the address of a collector such as http://127.0.0.1:4318, without /v1/traces",
                value ->
                        value.matches("https?://[A-Za-z0-9.:\\[\\]-]+(/[A-Za-z0-9._/-]*)?") ? URI.create(value) : null);
    }

    private TimerSettings timer(Set<String> sources, FileSettings file) {
        boolean once = purpose == Purpose.RUNS_ONCE;
        boolean scheduled = sources.contains("timer") && !once;
        return ScheduleSettingsParser.read(read, scheduled, scheduled || once, file);
    }

    private ContactFileWriter.Format contactFile() {
        return read.parsed(
                ConfigKey.FILE_OUTPUT,
                "csv or ndjson",
                value -> value.matches("csv|ndjson")
                        ? ContactFileWriter.Format.valueOf(value.toUpperCase(Locale.ROOT))
                        : null);
    }

    private Set<String> sinks() {
        Set<String> sinks = read.names(ConfigKey.SINKS, KNOWN_SINKS, RouteSinkSettingsParser.ROUTE);
        read.parsed(
                ConfigKey.SINKS,
                "database, and optionally others, which are served from it",
                value -> sinks.contains("database") ? value : null);
        return sinks;
    }

    private CrmTimeouts crmTimeouts(Duration maxWait) {
        return CrmTimeouts.of(
                read.duration(ConfigKey.CRM_CONNECT_TIMEOUT, Duration.ofMillis(100), Duration.ofMinutes(5)),
                read.duration(ConfigKey.CRM_RESPONSE_TIMEOUT, Duration.ofSeconds(1), Duration.ofMinutes(10)),
                maxWait);
    }
}
