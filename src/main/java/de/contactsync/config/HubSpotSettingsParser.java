package de.contactsync.config;

import de.contactsync.crm.CrmSettings.Company;
import de.contactsync.crm.OAuthClient;
import de.contactsync.crm.hubspot.HubSpotSettings;
import de.contactsync.crm.hubspot.HubSpotSettings.EmailConflict;
import java.net.URI;
import java.util.Map;
import java.util.Set;

/** What only HubSpot has of the settings under {@code contacts.crm.}. */
final class HubSpotSettingsParser {

    static final String BASE_URL = "https://api.hubapi.com";

    /** Of an app that an account has installed; it gets tokens for contacts by a refresh token only. */
    static final Set<ConfigKey> OAUTH = Set.of(
            ConfigKey.CRM_TOKEN_ENDPOINT,
            ConfigKey.CRM_CLIENT_ID,
            ConfigKey.CRM_CLIENT_SECRET,
            ConfigKey.CRM_REFRESH_TOKEN);

    /** See https://developers.hubspot.com/docs/api-reference/latest/authentication/manage-oauth-tokens */
    private static final URI TOKEN_ENDPOINT = URI.create(BASE_URL + "/oauth/2026-03/token");

    private static final String API_VERSION = "v3";

    private HubSpotSettingsParser() {}

    /** @param wanted whether the CRM is a sink */
    static HubSpotSettings read(SettingsParser read, boolean wanted) {
        String version = read.parsed(
                ConfigKey.CRM_API_VERSION,
                "v3, or the date of a version such as 2026-03",
                value -> value.matches("v3|\\d{4}-\\d{2}") ? value : null);
        boolean app = OAUTH.stream().anyMatch(read::isGiven);
        if (app && read.isGiven(ConfigKey.CRM_TOKEN)) {
            read.note(
                    ConfigKey.CRM_TOKEN,
                    "it is the token of a private app, but contacts.crm.oauth configures an OAuth app: set only one"
                            + " of them");
        }
        return new HubSpotSettings(
                version == null ? API_VERSION : version,
                app ? "" : value(read, ConfigKey.CRM_TOKEN, wanted),
                app ? client(read, wanted) : null,
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

    private static OAuthClient client(SettingsParser read, boolean wanted) {
        URI endpoint = read.address(ConfigKey.CRM_TOKEN_ENDPOINT, "", TOKEN_ENDPOINT.toString());
        return new OAuthClient(
                endpoint == null ? TOKEN_ENDPOINT : endpoint,
                value(read, ConfigKey.CRM_CLIENT_ID, wanted),
                value(read, ConfigKey.CRM_CLIENT_SECRET, wanted),
                "",
                OAuthClient.Grant.REFRESH_TOKEN,
                true,
                Map.of(),
                "",
                "",
                value(read, ConfigKey.CRM_REFRESH_TOKEN, wanted),
                null);
    }

    private static String value(SettingsParser read, ConfigKey configKey, boolean wanted) {
        return wanted ? read.required(configKey) : read.text(configKey);
    }
}
