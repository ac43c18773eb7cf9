package de.contactsync.config;

import de.contactsync.crm.CrmKind;
import de.contactsync.crm.CrmSettings;
import de.contactsync.crm.CrmSettings.Gone;
import de.contactsync.crm.CrmSettings.Match;
import de.contactsync.crm.CrmSettings.Missing;
import de.contactsync.crm.CrmSettings.Mode;
import java.net.URI;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;

/** The settings under {@code contacts.crm.}. */
final class CrmSettingsParser {

    private static final String NAME = "[a-z][a-z0-9-]{0,39}";
    private static final Set<String> OTHERS = Set.of("database", "file", "queue", "kafka");
    private static final String HUBSPOT = "hubspot";
    private static final String SALESFORCE = "salesforce";
    private static final String REST = "rest";

    /** What only some kinds have a use for. */
    private static final Map<ConfigKey, Set<String>> KINDS = kinds();

    private CrmSettingsParser() {}

    private static Map<ConfigKey, Set<String>> kinds() {
        Map<ConfigKey, Set<String>> kinds = new EnumMap<>(ConfigKey.class);
        kinds.put(ConfigKey.CRM_API_VERSION, Set.of(HUBSPOT, SALESFORCE));
        kinds.put(ConfigKey.CRM_OBJECT, Set.of(SALESFORCE));
        kinds.put(ConfigKey.CRM_TOKEN, Set.of(HUBSPOT, REST));
        kinds.put(ConfigKey.CRM_CREATE_PROPERTY, Set.of(HUBSPOT));
        kinds.put(ConfigKey.CRM_EMAIL_CONFLICT, Set.of(HUBSPOT));
        kinds.put(ConfigKey.CRM_COMPANY, Set.of(HUBSPOT, SALESFORCE));
        for (ConfigKey configKey : ConfigKey.values()) {
            if (configKey.key().startsWith("contacts.crm.oauth.")) {
                kinds.put(
                        configKey,
                        HubSpotSettingsParser.OAUTH.contains(configKey)
                                ? Set.of(HUBSPOT, SALESFORCE, REST)
                                : Set.of(SALESFORCE, REST));
            } else if (configKey.key().startsWith("contacts.crm.rest.")) {
                kinds.put(configKey, Set.of(REST));
            }
        }
        return kinds;
    }

    /**
     * @param wanted whether the CRM is a sink; what is set for it is checked all the same
     * @return null when the kind is none that there is
     */
    static CrmSettings read(SettingsParser read, boolean wanted) {
        Gone gone = read.parsed(
                ConfigKey.ON_GONE, "keep, flag or delete", value -> Gone.valueOf(SettingsParser.constant(value)));
        String kind = read.parsed(
                ConfigKey.CRM_KIND,
                "hubspot, salesforce or rest",
                value -> Set.of(HUBSPOT, SALESFORCE, REST).contains(value) ? value : null);
        if (kind == null) {
            // Whatever else might be wrong depends on it.
            return null;
        }
        read.refuse(KINDS, ConfigKey.CRM_KIND, kind);
        String usual = kind.equals(HUBSPOT) ? HubSpotSettingsParser.BASE_URL : null;
        URI baseUrl =
                read.address(ConfigKey.CRM_BASE_URL, "/+$", usual == null ? SalesforceSettingsParser.BASE_URL : usual);
        if (wanted && usual == null) {
            read.required(ConfigKey.CRM_BASE_URL);
        }
        Match match = read.parsed(
                ConfigKey.CRM_MATCH, "key or email", value -> Match.valueOf(SettingsParser.constant(value)));
        return new CrmSettings(
                read.parsed(
                        ConfigKey.CRM_NAME,
                        "a name of lower-case letters, digits and hyphens that no other sink has",
                        value -> value.matches(NAME) && !OTHERS.contains(value) ? value : null),
                kind(kind, read, baseUrl, wanted, gone, match),
                baseUrl == null && usual != null ? URI.create(usual) : baseUrl,
                gone,
                read.parsed(
                        ConfigKey.CRM_ON_MISSING,
                        "create, skip or dead-letter",
                        value -> Missing.valueOf(SettingsParser.constant(value))),
                read.percent(ConfigKey.MAX_GONE_SHARE, 100),
                read.parsed(
                        ConfigKey.CRM_MODE,
                        "upsert, create-only or update-only",
                        value -> Mode.valueOf(SettingsParser.constant(value))),
                match,
                read.parsed(ConfigKey.CRM_REVIEW_FILE, "the name of a file", Path::of),
                read.yes(ConfigKey.CRM_FULL));
    }

    private static CrmKind kind(String kind, SettingsParser read, URI baseUrl, boolean wanted, Gone gone, Match match) {
        return kind.equals(REST)
                ? RestSettingsParser.read(read, baseUrl, wanted, gone, match)
                : kind.equals(SALESFORCE)
                        ? SalesforceSettingsParser.read(read, baseUrl, wanted)
                        : HubSpotSettingsParser.read(read, wanted);
    }
}
