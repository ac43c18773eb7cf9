package de.contactsync.config;

import de.contactsync.crm.CrmSettings.Company;
import de.contactsync.crm.salesforce.SalesforceSettings;
import java.net.URI;

/** What only Salesforce has of the settings under {@code contacts.crm.}. */
final class SalesforceSettingsParser {

    static final String BASE_URL = "https://my-domain.my.salesforce.com";

    private static final String API_VERSION = "v62.0";
    private static final String PART_OF_ACCOUNT = "Contact";

    private SalesforceSettingsParser() {}

    /**
     * @param baseUrl null when it is not set, or wrong
     * @param wanted  whether the CRM is a sink
     */
    static SalesforceSettings read(SettingsParser read, URI baseUrl, boolean wanted) {
        String version = read.parsed(
                ConfigKey.CRM_API_VERSION,
                "a version such as v62.0",
                value -> value.matches("v\\d{2,3}\\.0") ? value : null);
        String object = read.parsed(
                ConfigKey.CRM_OBJECT,
                "an object's name in the API, such as Contact",
                value -> value.matches("[A-Za-z]\\w{0,79}") ? value : null);
        Company company = read.parsed(
                ConfigKey.CRM_COMPANY, "none or link", value -> Company.valueOf(SettingsParser.constant(value)));
        if (company == Company.LINK && !PART_OF_ACCOUNT.equals(object)) {
            read.problem(
                    ConfigKey.CRM_COMPANY,
                    "none, unless contacts.crm.object is Contact: only contacts belong to an account");
        }
        return new SalesforceSettings(
                version == null ? API_VERSION : version,
                object,
                company,
                CrmOAuthSettingsParser.read(
                        read,
                        wanted,
                        URI.create((baseUrl == null ? BASE_URL : baseUrl.toString()) + "/services/oauth2/token")));
    }
}
