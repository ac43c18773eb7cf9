package de.contactsync.command;

import de.contactsync.crm.OAuthClient;
import de.contactsync.crm.OAuthClient.Grant;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The settings under {@code contacts.crm.oauth.}. */
final class CrmOAuthSection {

    /** What only some grants have a use for. */
    private static final Map<Setting, Set<String>> GRANTS = Map.of(
            Setting.CRM_REFRESH_TOKEN, Set.of("refresh-token"),
            Setting.CRM_OAUTH_USERNAME, Set.of("password"),
            Setting.CRM_OAUTH_PASSWORD, Set.of("password"));

    private CrmOAuthSection() {}

    /**
     * @param wanted whether the CRM is a sink that needs a token
     * @param usual  the token endpoint when none is set, or null
     */
    static OAuthClient read(SettingReader read, boolean wanted, URI usual) {
        URI endpoint = read.address(Setting.CRM_TOKEN_ENDPOINT, "", "https://auth.example.com/oauth2/token");
        if (wanted && endpoint == null && usual == null) {
            read.required(Setting.CRM_TOKEN_ENDPOINT);
        }
        String scope = read.text(Setting.CRM_SCOPE);
        Grant grant = read.parsed(Setting.CRM_GRANT, "client-credentials, refresh-token or password",
                value -> value.equals("login") ? null : Grant.valueOf(SettingReader.constant(value)));
        String where = read.parsed(Setting.CRM_CLIENT_AUTH, "basic or body", value -> value.matches("basic|body") ? value : null);
        Map<String, String> parameters = read.parsed(Setting.CRM_PARAMETERS, "parameters such as soid=ZohoCRM.12345, with"
                + " & in between", CrmOAuthSection::parameters);
        if (grant != null) {
            read.refuse(GRANTS, Setting.CRM_GRANT, grant.name().toLowerCase(Locale.ROOT).replace('_', '-'));
        }
        return new OAuthClient(
                endpoint == null ? usual : endpoint,
                wanted ? read.required(Setting.CRM_CLIENT_ID) : read.text(Setting.CRM_CLIENT_ID),
                wanted ? read.required(Setting.CRM_CLIENT_SECRET) : read.text(Setting.CRM_CLIENT_SECRET),
                scope == null ? "" : scope,
                grant == null ? Grant.CLIENT_CREDENTIALS : grant,
                "body".equals(where),
                parameters == null ? Map.of() : parameters,
                grant == Grant.PASSWORD ? value(read, Setting.CRM_OAUTH_USERNAME, wanted) : "",
                grant == Grant.PASSWORD ? value(read, Setting.CRM_OAUTH_PASSWORD, wanted) : "",
                grant == Grant.REFRESH_TOKEN ? value(read, Setting.CRM_REFRESH_TOKEN, wanted) : "",
                null);
    }

    private static String value(SettingReader read, Setting setting, boolean wanted) {
        String value = wanted ? read.required(setting) : read.text(setting);
        return value == null ? "" : value;
    }

    /** Null when they cannot be read, or stand for what has a setting of its own. */
    private static Map<String, String> parameters(String text) {
        Map<String, String> parameters = new LinkedHashMap<>();
        for (String each : text.split("&")) {
            String[] parts = each.strip().split("=", 2);
            if (parts.length != 2 || !parts[0].matches("[\\w.-]+")
                    || parts[0].matches("grant_type|client_id|client_secret|scope|refresh_token|username|password")) {
                return null;
            }
            parameters.put(parts[0], parts[1]);
        }
        return parameters;
    }
}
