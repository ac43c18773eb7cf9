package de.contactsync.command;

import de.contactsync.crm.CrmKind;
import de.contactsync.crm.CrmSettings;
import de.contactsync.crm.CrmSettings.Gone;
import de.contactsync.crm.RestSettings;
import java.net.URI;

/** The settings under {@code contacts.crm.}. */
final class CrmSection {

    private CrmSection() {}

    /** @param wanted whether the CRM is a sink; what is set for it is checked all the same */
    static CrmSettings read(SettingReader read, boolean wanted) {
        Gone gone = read.parsed(
                Setting.ON_GONE, "keep, flag or delete", value -> Gone.valueOf(SettingReader.constant(value)));
        CrmKind kind = kind(read, wanted, gone);
        if (kind instanceof RestSettings) {
            read.required(Setting.CRM_BASE_URL);
        }
        URI baseUrl = read.address(Setting.CRM_BASE_URL, "/+$", HubSpotSection.BASE_URL);
        return new CrmSettings(
                kind,
                baseUrl == null ? URI.create(HubSpotSection.BASE_URL) : baseUrl,
                gone,
                read.percent(Setting.MAX_GONE_SHARE, 100),
                read.yes(Setting.CRM_FULL));
    }

    private static CrmKind kind(SettingReader read, boolean wanted, Gone gone) {
        String kind = read.parsed(
                Setting.CRM_KIND, "hubspot or rest", value -> value.matches("hubspot|rest") ? value : null);
        return "rest".equals(kind) ? RestSection.read(read, wanted, gone) : HubSpotSection.read(read, wanted);
    }
}
