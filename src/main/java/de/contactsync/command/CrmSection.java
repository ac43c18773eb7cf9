package de.contactsync.command;

import de.contactsync.crm.CrmSettings;
import de.contactsync.crm.CrmSettings.EmailConflict;
import de.contactsync.crm.CrmSettings.Gone;
import java.util.Locale;

/** The settings under {@code contacts.crm.}. */
final class CrmSection {

    private CrmSection() {}

    /**
     * @param wanted whether the CRM is a sink; what is set for it is checked all the same
     * @return null when it is not wanted
     */
    static CrmSettings read(SettingReader read, boolean wanted) {
        CrmSettings settings = new CrmSettings(
                read.parsed(Setting.CRM_KIND, "hubspot", value -> value.equals("hubspot") ? value : null),
                read.address(Setting.CRM_BASE_URL, "/+$"),
                read.parsed(Setting.CRM_API_VERSION, "v3, or the date of a version such as 2026-03",
                        value -> value.matches("v3|\\d{4}-\\d{2}") ? value : null),
                wanted ? read.required(Setting.CRM_TOKEN) : read.text(Setting.CRM_TOKEN),
                read.yes(Setting.CRM_CREATE_PROPERTY),
                read.parsed(Setting.CRM_EMAIL_CONFLICT, "dead-letter, adopt or without-email",
                        value -> EmailConflict.valueOf(constant(value))),
                read.parsed(Setting.ON_GONE, "keep, flag or delete", value -> Gone.valueOf(constant(value))),
                read.percent(Setting.MAX_GONE_SHARE, 100),
                read.yes(Setting.CRM_FULL));
        return wanted ? settings : null;
    }

    private static String constant(String value) {
        return value.matches("[a-z-]+") ? value.replace('-', '_').toUpperCase(Locale.ROOT) : "";
    }
}
