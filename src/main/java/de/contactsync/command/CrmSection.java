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
        CrmKind kind = kind(read, wanted);
        URI baseUrl = read.address(Setting.CRM_BASE_URL, "/+$", HubSpotSection.BASE_URL);
        return new CrmSettings(
                kind,
                baseUrl == null ? URI.create(HubSpotSection.BASE_URL) : baseUrl,
                read.parsed(Setting.ON_GONE, "keep, flag or delete", value -> Gone.valueOf(SettingReader.constant(value))),
                read.percent(Setting.MAX_GONE_SHARE, 100),
                read.yes(Setting.CRM_FULL));
    }

    private static CrmKind kind(SettingReader read, boolean wanted) {
        read.parsed(Setting.CRM_KIND, "hubspot", value -> value.equals("hubspot") ? value : null);
        return HubSpotSection.read(read, wanted);
    }
}
