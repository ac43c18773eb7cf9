package de.contactsync.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * Every setting, with what holds for it and where that comes from. Values of secrets are hidden.
 *
 * @param entries  in the order of the shipped {@code application.properties}
 * @param problems what is wrong with the values; credentials that are missing are not, since not every command needs them
 */
public record SettingsOverview(List<Entry> entries, List<String> problems) {

    private static final String HIDDEN = "***";

    /**
     * @param value        null when the setting has neither a value nor a default; {@code ***} in place of a secret
     * @param source       such as {@code environment variable JTL_TENANT_ID}; {@code default} where nothing is set
     * @param defaultValue null where there is none
     * @param allowed      in words; null where any text is
     */
    public record Entry(
            String section,
            String key,
            String value,
            String source,
            String defaultValue,
            String allowed,
            String meaning,
            boolean secret) {

        public boolean isDefault() {
            return source.equals("default");
        }
    }

    /** Of this process. */
    public static SettingsOverview load() {
        return of(Path.of(""), System.getenv(), System.getProperties());
    }

    static SettingsOverview of(Path workingDirectory, Map<String, String> environment, Properties system) {
        PropertySources given = PropertySources.read(workingDirectory, environment, system);
        List<SettingDoc> docs = SettingDoc.all();
        return new SettingsOverview(
                Stream.concat(
                                docs.stream().map(doc -> entry(doc, given)),
                                given.tenants().stream().flatMap(tenant -> ofTenant(tenant, docs, given)))
                        .toList(),
                SettingsReader.problems(given));
    }

    /** What a tenant sets for itself. */
    private static Stream<Entry> ofTenant(String tenant, List<SettingDoc> docs, PropertySources given) {
        PropertySources own = given.ofTenant(tenant);
        return docs.stream()
                .filter(doc -> doc.key().startsWith("jtl.")
                        && own.isOwn(SettingNames.ofKey(doc.key()).orElseThrow()))
                .map(doc -> {
                    ConfigKey configKey = SettingNames.ofKey(doc.key()).orElseThrow();
                    PropertySources.Value found = own.value(configKey);
                    return new Entry(
                            "Tenant " + tenant,
                            TenantKey.key(tenant, configKey),
                            shown(configKey, found.text().strip()),
                            found.origin(),
                            null,
                            doc.allowed(),
                            doc.meaning(),
                            doc.secret());
                });
    }

    private static Entry entry(SettingDoc doc, PropertySources given) {
        ConfigKey configKey = SettingNames.ofKey(doc.key()).orElseThrow();
        PropertySources.Value found = given.value(configKey);
        boolean isSet = found != null && (!found.text().isBlank() || configKey.emptyHasMeaning());
        return new Entry(
                doc.section(),
                doc.key(),
                isSet ? shown(configKey, found.text().strip()) : configKey.defaultValue(),
                isSet ? found.origin() : "default",
                configKey.defaultValue(),
                doc.allowed(),
                doc.meaning(),
                doc.secret());
    }

    private static String shown(ConfigKey configKey, String text) {
        return configKey.isSecret() || configKey.mayHoldSecret() ? HIDDEN : SecretInUrl.masked(text);
    }
}
