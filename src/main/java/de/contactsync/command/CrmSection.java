package de.contactsync.command;

import de.contactsync.crm.CrmKind;
import de.contactsync.crm.CrmSettings;
import de.contactsync.crm.CrmSettings.Gone;
import java.net.URI;

/** The settings under {@code contacts.crm.}. */
final class CrmSection {

    private CrmSection() {}

    /** @param wanted whether the CRM is a sink; what is set for it is checked all the same */
    static CrmSettings read(SettingReader read, boolean wanted) {
        Gone gone = read.parsed(
                Setting.ON_GONE, "keep, flag or delete", value -> Gone.valueOf(SettingReader.constant(value)));
        String kind = read.parsed(Setting.CRM_KIND, "hubspot, salesforce or rest",
                value -> value.matches("hubspot|salesforce|rest") ? value : null);
        String usual = "hubspot".equals(kind) ? HubSpotSection.BASE_URL : null;
        URI baseUrl = read.address(
                Setting.CRM_BASE_URL, "/+$", usual == null ? SalesforceSection.BASE_URL : usual);
        if (wanted && usual == null) {
            read.required(Setting.CRM_BASE_URL);
        }
        return new CrmSettings(
                kind(kind, read, baseUrl, wanted, gone),
                baseUrl == null && usual != null ? URI.create(usual) : baseUrl,
                gone,
                read.percent(Setting.MAX_GONE_SHARE, 100),
                read.yes(Setting.CRM_FULL));
    }

    private static CrmKind kind(String kind, SettingReader read, URI baseUrl, boolean wanted, Gone gone) {
        return "rest".equals(kind) ? RestSection.read(read, wanted, gone)
                : "salesforce".equals(kind) ? SalesforceSection.read(read, baseUrl, wanted)
                : HubSpotSection.read(read, wanted);
    }
}
