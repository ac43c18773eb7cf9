package de.contactsync.command;

import de.contactsync.crm.OAuthClient;
import java.net.URI;

/** The settings under {@code contacts.crm.oauth.}. */
final class CrmOAuthSection {

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
        return new OAuthClient(
                endpoint == null ? usual : endpoint,
                wanted ? read.required(Setting.CRM_CLIENT_ID) : read.text(Setting.CRM_CLIENT_ID),
                wanted ? read.required(Setting.CRM_CLIENT_SECRET) : read.text(Setting.CRM_CLIENT_SECRET),
                scope == null ? "" : scope);
    }
}
