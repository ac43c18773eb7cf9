package de.contactsync.config;

import de.contactsync.crm.OAuthClient;
import de.contactsync.crm.OAuthClient.Grant;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The settings under {@code contacts.crm.oauth.}. */
final class CrmOAuthSettingsParser {

    /** What only some grants have a use for. */
    private static final Map<ConfigKey, Set<String>> GRANTS = Map.of(
            ConfigKey.CRM_REFRESH_TOKEN, Set.of("refresh-token"),
            ConfigKey.CRM_OAUTH_USERNAME, Set.of("password"),
            ConfigKey.CRM_OAUTH_PASSWORD, Set.of("password"));

    private CrmOAuthSettingsParser() {}

    /**
     * @param wanted whether the CRM is a sink that needs a token
     * @param usual  the token endpoint when none is set, or null
     */
    static OAuthClient read(SettingsParser read, boolean wanted, URI usual) {
        URI endpoint = read.address(ConfigKey.CRM_TOKEN_ENDPOINT, "", "https://auth.example.com/oauth2/token");
        if (wanted && endpoint == null && usual == null) {
            read.required(ConfigKey.CRM_TOKEN_ENDPOINT);
        }
        String scope = read.text(ConfigKey.CRM_SCOPE);
        Grant grant = read.parsed(
                ConfigKey.CRM_GRANT,
                "client-credentials, refresh-token or password",
                value -> value.equals("login") ? null : Grant.valueOf(SettingsParser.constant(value)));
        String where = read.parsed(
                ConfigKey.CRM_CLIENT_AUTH, "basic or body", value -> value.matches("basic|body") ? value : null);
        Map<String, String> parameters = read.parsed(
                ConfigKey.CRM_PARAMETERS,
                "parameters such as soid=ZohoCRM.12345, separated by &",
                CrmOAuthSettingsParser::parameters);
        if (grant != null) {
            read.refuse(
                    GRANTS,
                    ConfigKey.CRM_GRANT,
                    grant.name().toLowerCase(Locale.ROOT).replace('_', '-'));
        }
        return new OAuthClient(
                endpoint == null ? usual : endpoint,
                wanted ? read.required(ConfigKey.CRM_CLIENT_ID) : read.text(ConfigKey.CRM_CLIENT_ID),
                wanted ? read.required(ConfigKey.CRM_CLIENT_SECRET) : read.text(ConfigKey.CRM_CLIENT_SECRET),
                scope == null ? "" : scope,
                grant == null ? Grant.CLIENT_CREDENTIALS : grant,
                "body".equals(where),
                parameters == null ? Map.of() : parameters,
                grant == Grant.PASSWORD ? value(read, ConfigKey.CRM_OAUTH_USERNAME, wanted) : "",
                grant == Grant.PASSWORD ? value(read, ConfigKey.CRM_OAUTH_PASSWORD, wanted) : "",
                grant == Grant.REFRESH_TOKEN ? value(read, ConfigKey.CRM_REFRESH_TOKEN, wanted) : "",
                null);
    }

    private static String value(SettingsParser read, ConfigKey configKey, boolean wanted) {
        String value = wanted ? read.required(configKey) : read.text(configKey);
        return value == null ? "" : value;
    }

    /** Null when they cannot be read, or stand for what has a setting of its own. */
    private static Map<String, String> parameters(String text) {
        Map<String, String> parameters = new LinkedHashMap<>();
        for (String each : text.split("&")) {
            String[] parts = each.strip().split("=", 2);
            if (parts.length != 2
                    || !parts[0].matches("[\\w.-]+")
                    || parts[0].matches("grant_type|client_id|client_secret|scope|refresh_token|username|password")) {
                return null;
            }
            parameters.put(parts[0], parts[1]);
        }
        return parameters;
    }
}
