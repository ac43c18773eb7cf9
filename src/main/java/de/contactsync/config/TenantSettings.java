package de.contactsync.config;

import de.contactsync.jtl.JtlSettings;
import de.contactsync.oauth.LoginSettings;
import de.contactsync.oauth.OAuthSettings;

/**
 * How the JTL of one tenant is reached, or that of all tenants without settings of their own.
 *
 * @param name  as in {@code jtl.tenants.NAME}; null: of all others
 * @param oauth null where no token is fetched
 * @param login null where nobody logs in
 */
public record TenantSettings(String name, JtlSettings jtl, OAuthSettings oauth, LoginSettings login) {

    /** For people: a command, with what it takes for this tenant. */
    public String command(String command) {
        return name == null ? command : command + " --tenant " + name;
    }

    /** For people. */
    public String who() {
        return name == null ? String.valueOf(jtl.tenantId()) : name + " (" + jtl.tenantId() + ")";
    }
}
