package de.contactsync.model;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Which tenant a key belongs to that names none, or names it by its name in the settings.
 *
 * @param unnamed tenant of keys that name none, or null
 * @param ids     by {@linkplain #canonical canonical} names
 * @param kinds   what the ids of a tenant's customers and contacts are, as far as the settings tell
 * @param known   the same, as far as it is known at all: registrations with JTL-Wawi tell it as well
 */
public record TenantNames(
        UUID unnamed, Map<String, UUID> ids, Function<UUID, JtlId.Kind> kinds, Function<UUID, JtlId.Kind> known) {

    /** Of {@link #parse}, for people. */
    public static final String EXPECTED = JtlId.EXPECTED_UUID + ", or the NAME of jtl.tenants.NAME";

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9_-]{0,58}[A-Za-z0-9])?");

    public TenantNames {
        ids = Map.copyOf(ids);
    }

    /** Where no tenant has a name. */
    public static TenantNames only(UUID unnamed) {
        return new TenantNames(unnamed, Map.of(), tenant -> JtlId.Kind.ANY, tenant -> JtlId.Kind.ANY);
    }

    /**
     * People read what is known now; which records of a run are keys stays what the settings say, so that it is the
     * same whenever they are read again.
     */
    public TenantNames knowing(Function<UUID, JtlId.Kind> known) {
        return new TenantNames(unnamed, ids, kinds, known);
    }

    /** Where what is known now decides which records are keys. */
    public TenantNames strict() {
        return new TenantNames(unnamed, ids, known, known);
    }

    /** As far as the settings tell. */
    public JtlId.Kind kind(UUID tenantId) {
        return kinds.apply(tenantId);
    }

    /**
     * Of a record.
     *
     * @param given its id in the record, or null
     * @param name  in place of the id, or null
     * @return empty where nobody has that name, and where neither is given and there is no tenant for that
     */
    public Optional<UUID> id(UUID given, String name) {
        return name != null ? id(name) : Optional.ofNullable(given == null ? unnamed : given);
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

    /** As people write a tenant into files: by its id, or by its name in any form. */
    public Optional<UUID> parse(String text) {
        return ContactKey.parseUuid(text).or(() -> id(ContactKey.bare(text)));
    }

    /** Stands for a name where ids are compared, whatever the settings say of it. */
    public static UUID placeholder(String name) {
        return UUID.nameUUIDFromBytes(("tenant " + canonical(name)).getBytes(StandardCharsets.UTF_8));
    }
}
