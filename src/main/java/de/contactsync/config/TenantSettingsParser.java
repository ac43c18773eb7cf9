package de.contactsync.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** The keys under {@code jtl.tenants.NAME.}, of all tenants that have settings of their own. */
final class TenantSettingsParser {

    private TenantSettingsParser() {}

    /** @param tenantId the one of the settings for all; null where they name none */
    static List<TenantSettings> read(SettingsParser read, boolean callsJtl, UUID tenantId) {
        List<TenantSettings> found = read.tenants().stream()
                .map(name -> new JtlSettingsParser(read.ofTenant(name), callsJtl).tenant())
                .toList();
        Map<UUID, String> names = new HashMap<>();
        if (tenantId != null) {
            names.put(tenantId, "jtl.tenant-id");
        }
        for (TenantSettings tenant : found) {
            String key = TenantKey.key(tenant.name(), ConfigKey.TENANT_ID);
            String other = names.put(tenant.jtl().tenantId(), key);
            if (other != null) {
                read.problem(key + " is the same as " + other + ": keep the settings of one of them");
            }
        }
        return found;
    }
}
