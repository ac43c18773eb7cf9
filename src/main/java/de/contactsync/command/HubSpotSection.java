package de.contactsync.command;

import de.contactsync.crm.CrmSettings.Company;
import de.contactsync.crm.HubSpotSettings;
import de.contactsync.crm.HubSpotSettings.EmailConflict;

/** What only HubSpot has of the settings under {@code contacts.crm.}. */
final class HubSpotSection {

    static final String BASE_URL = "https://api.hubapi.com";

    private static final String API_VERSION = "v3";

    private HubSpotSection() {}

    /** @param wanted whether the CRM is a sink */
    static HubSpotSettings read(SettingReader read, boolean wanted) {
        String version = read.parsed(Setting.CRM_API_VERSION, "v3, or the date of a version such as 2026-03",
                value -> value.matches("v3|\\d{4}-\\d{2}") ? value : null);
        return new HubSpotSettings(
                version == null ? API_VERSION : version,
                wanted ? read.required(Setting.CRM_TOKEN) : read.text(Setting.CRM_TOKEN),
                read.yes(Setting.CRM_CREATE_PROPERTY),
                read.parsed(Setting.CRM_EMAIL_CONFLICT, "dead-letter, adopt or without-email",
                        value -> EmailConflict.valueOf(SettingReader.constant(value))),
                read.parsed(Setting.CRM_COMPANY, "none or link", value -> Company.valueOf(SettingReader.constant(value))));
    }
}
