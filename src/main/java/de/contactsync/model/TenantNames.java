package de.contactsync.model;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Which tenant a key belongs to that names none, or names it by its name in the settings.
 *
 * @param unnamed tenant of keys that name none, or null
 * @param ids     by {@linkplain #canonical canonical} names
 * @param kinds   what the ids of customers and contacts are, by tenants
 * @param others  of all other tenants
 */
public record TenantNames(UUID unnamed, Map<String, UUID> ids, Map<UUID, JtlId.Kind> kinds, JtlId.Kind others) {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9_-]{0,58}[A-Za-z0-9])?");

    public TenantNames {
        ids = Map.copyOf(ids);
        kinds = Map.copyOf(kinds);
    }

    /** Where no tenant has a name. */
    public static TenantNames only(UUID unnamed) {
        return new TenantNames(unnamed, Map.of(), Map.of(), JtlId.Kind.ANY);
    }

    /** As far as the settings tell. */
    public JtlId.Kind kind(UUID tenantId) {
        return kinds.getOrDefault(tenantId, others);
    }

    /** Whether settings can name a tenant so: up to 60 letters, digits, {@code -} and {@code _}. */
    public static boolean isName(String text) {
        return NAME.matcher(text).matches();
    }

    /** The one form of a name. The environment cannot tell cases, or {@code _} from {@code -}, apart. */
    public static String canonical(String name) {
        return name.toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** @param name in any form */
    public Optional<UUID> id(String name) {
        return Optional.ofNullable(ids.get(canonical(name)));
    }

    /** Stands for a name where ids are compared, whatever the settings say of it. */
    public static UUID placeholder(String name) {
        return UUID.nameUUIDFromBytes(("tenant " + canonical(name)).getBytes(StandardCharsets.UTF_8));
    }
}
