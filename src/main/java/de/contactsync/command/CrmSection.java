package de.contactsync.command;

import de.contactsync.crm.CrmKind;
import de.contactsync.crm.CrmSettings;
import de.contactsync.crm.CrmSettings.Gone;
import de.contactsync.crm.CrmSettings.Missing;
import java.net.URI;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;

/** The settings under {@code contacts.crm.}. */
final class CrmSection {

    private static final String NAME = "[a-z][a-z0-9-]{0,39}";
    private static final Set<String> OTHERS = Set.of("database", "file", "queue", "kafka");
    private static final String HUBSPOT = "hubspot";
    private static final String SALESFORCE = "salesforce";
    private static final String REST = "rest";

    /** What only some kinds have a use for. */
    private static final Map<Setting, Set<String>> KINDS = kinds();

    private CrmSection() {}

    private static Map<Setting, Set<String>> kinds() {
        Map<Setting, Set<String>> kinds = new EnumMap<>(Setting.class);
        kinds.put(Setting.CRM_API_VERSION, Set.of(HUBSPOT, SALESFORCE));
        kinds.put(Setting.CRM_OBJECT, Set.of(SALESFORCE));
        kinds.put(Setting.CRM_TOKEN, Set.of(HUBSPOT, REST));
        kinds.put(Setting.CRM_CREATE_PROPERTY, Set.of(HUBSPOT));
        kinds.put(Setting.CRM_EMAIL_CONFLICT, Set.of(HUBSPOT));
        kinds.put(Setting.CRM_COMPANY, Set.of(HUBSPOT, SALESFORCE));
        for (Setting setting : Setting.values()) {
            if (setting.key().startsWith("contacts.crm.oauth.")) {
                kinds.put(setting, Set.of(SALESFORCE, REST));
            } else if (setting.key().startsWith("contacts.crm.rest.")) {
                kinds.put(setting, Set.of(REST));
            }
        }
        return kinds;
    }

    /**
     * @param wanted whether the CRM is a sink; what is set for it is checked all the same
     * @return null when the kind is none that there is
     */
    static CrmSettings read(SettingReader read, boolean wanted) {
        Gone gone = read.parsed(
                Setting.ON_GONE, "keep, flag or delete", value -> Gone.valueOf(SettingReader.constant(value)));
        String kind = read.parsed(Setting.CRM_KIND, "hubspot, salesforce or rest",
                value -> Set.of(HUBSPOT, SALESFORCE, REST).contains(value) ? value : null);
        if (kind == null) {
            // Whatever else might be wrong depends on it.
            return null;
        }
        read.refuse(KINDS, Setting.CRM_KIND, kind);
        String usual = kind.equals(HUBSPOT) ? HubSpotSection.BASE_URL : null;
        URI baseUrl = read.address(
                Setting.CRM_BASE_URL, "/+$", usual == null ? SalesforceSection.BASE_URL : usual);
        if (wanted && usual == null) {
            read.required(Setting.CRM_BASE_URL);
        }
        return new CrmSettings(
                read.parsed(Setting.CRM_NAME, "a name of small letters, digits and hyphens that no other sink has",
                        value -> value.matches(NAME) && !OTHERS.contains(value) ? value : null),
                kind(kind, read, baseUrl, wanted, gone),
                baseUrl == null && usual != null ? URI.create(usual) : baseUrl,
                gone,
                read.parsed(Setting.CRM_ON_MISSING, "create, skip or dead-letter",
                        value -> Missing.valueOf(SettingReader.constant(value))),
                read.percent(Setting.MAX_GONE_SHARE, 100),
                read.yes(Setting.CRM_FULL));
    }

    private static CrmKind kind(String kind, SettingReader read, URI baseUrl, boolean wanted, Gone gone) {
        return kind.equals(REST) ? RestSection.read(read, baseUrl, wanted, gone)
                : kind.equals(SALESFORCE) ? SalesforceSection.read(read, baseUrl, wanted)
                : HubSpotSection.read(read, wanted);
    }
}
