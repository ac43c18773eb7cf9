package de.contactsync.config;

import de.contactsync.config.SettingsReader.Purpose;
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
import de.contactsync.model.TenantNames;
import de.contactsync.persistence.DatabaseSettings;
import de.contactsync.persistence.SecretKeys;
import de.contactsync.routes.RouteSinkSettings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The configuration, read once from where it was given and checked whole. Keys under {@code camel.} go to Camel as they
 * are.
 *
 * @param given             where all of it comes from; only this package can read it
 * @param network           the way to JTL, to token endpoints and to the CRM
 * @param others            of tenants without settings of their own; empty where there are only settings of single ones
 * @param tenants           with settings of their own, {@code jtl.tenants.NAME.…}, in the order of their names
 * @param secretKeys        what secrets in the database are encrypted with
 * @param timer             its schedule is null when nothing runs by one
 * @param chunksViaQueue    whether the chunks of a run go to all processes by the queue
 * @param http              null when no keys come over HTTP
 * @param contactFile       empty when contacts go into no files
 * @param crm               empty when the CRM is not among the sinks
 * @param crmForPreview     also when the CRM is not among the sinks, and then perhaps without what it takes to call it
 * @param routeSinks        sinks that are routes of the user, in the order of their names
 * @param routeTimeout      how long a route of the user may take for a contact, a list, a dead letter or an alert
 * @param deadLetterWithKey whether the route dead-letter is given which contact it is about
 * @param deadLetterRetention  null is forever
 * @param runRetention         null is forever
 * @param maxWait           how long {@code import} waits for something that is unavailable
 * @param status            empty when the status port is off
 * @param tracing           the collector that traces go to; empty where nobody asked for any
 */
public record Settings(
        PropertySources given,
        Network network,
        JtlSettings jtl,
        Optional<TenantSettings> others,
        List<TenantSettings> tenants,
        SecretKeys secretKeys,
        DatabaseSettings database,
        Set<String> sources,
        FileSettings file,
        TimerSettings timer,
        QueueSettings queue,
        boolean chunksViaQueue,
        KafkaSettings kafka,
        HttpSourceSettings http,
        Set<String> sinks,
        Optional<ContactFileWriter.Format> contactFile,
        Optional<CrmSettings> crm,
        CrmSettings crmForPreview,
        CrmTimeouts crmTimeouts,
        List<RouteSinkSettings> routeSinks,
        Duration routeTimeout,
        boolean deadLetterWithKey,
        AlertSettings alerts,
        Duration deadLetterRetention,
        Duration runRetention,
        Duration maxWait,
        Optional<StatusSettings> status,
        Optional<URI> tracing) {

    private static final Logger LOG = LoggerFactory.getLogger(Settings.class);

    public static Settings load() {
        return load(Purpose.CALLS_JTL);
    }

    /** For a command that looks up the keys of the schedule when it is given: {@link #timer} has no schedule. */
    public static Settings loadToRunOnce() {
        return load(Purpose.RUNS_ONCE);
    }

    /** For a command that never calls JTL, and so needs no credentials: no tenant has {@link TenantSettings#oauth}. */
    public static Settings loadWithoutCredentials() {
        return load(Purpose.WITHOUT_CREDENTIALS);
    }

    private static Settings load(Purpose purpose) {
        return load(Path.of(""), System.getenv(), System.getProperties(), purpose);
    }

    /** @throws ConfigurationException with every problem there is, not only the first */
    public static Settings load(Path workingDirectory, Map<String, String> environment, Properties system) {
        return load(workingDirectory, environment, system, Purpose.CALLS_JTL);
    }

    static Settings load(Path workingDirectory, Map<String, String> environment, Properties system, Purpose purpose) {
        PropertySources given = PropertySources.read(workingDirectory, environment, system);
        given.warnings().forEach(LOG::warn);
        return SettingsReader.read(given, purpose);
    }

    /** Settings out of nothing but {@code values}, for a run that must not depend on where it is started. */
    public static Settings of(Map<ConfigKey, String> values) {
        return SettingsReader.read(PropertySources.builtIn(values), Purpose.CALLS_JTL);
    }

    /** These, for a command that calls JTL, with its credentials, and writes nothing. */
    public Settings withoutSinks() {
        return SettingsReader.read(
                given.with(Map.of(ConfigKey.SINKS, "database", ConfigKey.FILE_VIA, "direct")), Purpose.CALLS_JTL);
    }

    /**
     * As they are for one of the {@link #tenants}, which is the only one then.
     *
     * @param tenant its name or id; null: for all others
     * @throws ConfigurationException when there is no such tenant
     */
    public Settings ofTenant(String tenant) {
        if (tenant == null) {
            if (others.isEmpty()) {
                throw new ConfigurationException(
                        List.of("all jtl.tenants.NAME have their own settings: name one of them by --tenant NAME"));
            }
            return this;
        }
        UUID id = ContactKey.parseUuid(tenant).orElse(null);
        String name = tenants.stream()
                .filter(known -> known.name().equals(TenantNames.canonical(tenant))
                        || known.jtl().tenantId().equals(id))
                .map(TenantSettings::name)
                .findFirst()
                .orElseThrow(() -> new ConfigurationException(List.of("there are no settings for the tenant " + tenant
                        + ": jtl.tenants." + (id == null ? tenant : "NAME") + ".… is not set")));
        return SettingsReader.read(given.ofTenant(name), Purpose.CALLS_JTL);
    }

    /**
     * Sinks that are sent what their dead letters stand for, by their names, as people know them. Also without
     * credentials.
     */
    public Map<String, String> replayedSinks() {
        Map<String, String> names = new TreeMap<>();
        if (sinks.contains("crm") && crmForPreview != null) {
            String name = crmForPreview.name();
            names.put(name, name.equals("crm") ? "the CRM" : "the CRM " + name);
        }
        routeSinks.forEach(route -> names.put(route.name(), "route:" + route.name()));
        return names;
    }

    public Map<String, String> camel() {
        return given.camel();
    }

    /** Nothing of them, as some are secret. */
    @Override
    public String toString() {
        return "Settings";
    }
}
