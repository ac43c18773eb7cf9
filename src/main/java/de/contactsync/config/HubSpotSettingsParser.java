package de.contactsync.config;

import de.contactsync.crm.CrmSettings.Company;
import de.contactsync.crm.hubspot.HubSpotSettings;
import de.contactsync.crm.hubspot.HubSpotSettings.EmailConflict;

/** What only HubSpot has of the settings under {@code contacts.crm.}. */
final class HubSpotSettingsParser {

    static final String BASE_URL = "https://api.hubapi.com";

    private static final String API_VERSION = "v3";

    private HubSpotSettingsParser() {}

    /** @param wanted whether the CRM is a sink */
    static HubSpotSettings read(SettingsParser read, boolean wanted) {
        String version = read.parsed(
                ConfigKey.CRM_API_VERSION,
                "v3, or the date of a version such as 2026-03",
                value -> value.matches("v3|\\d{4}-\\d{2}") ? value : null);
        return new HubSpotSettings(
                version == null ? API_VERSION : version,
                wanted ? read.required(ConfigKey.CRM_TOKEN) : read.text(ConfigKey.CRM_TOKEN),
                read.yes(ConfigKey.CRM_CREATE_PROPERTY),
                read.parsed(
                        ConfigKey.CRM_EMAIL_CONFLICT,
                        "dead-letter, adopt or without-email",
                        value -> EmailConflict.valueOf(SettingsParser.constant(value))),
                read.parsed(
                        ConfigKey.CRM_COMPANY,
                        "none or link",
                        value -> Company.valueOf(SettingsParser.constant(value))));
    }
}
