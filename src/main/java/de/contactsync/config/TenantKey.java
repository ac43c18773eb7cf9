package de.contactsync.config;

import de.contactsync.jtl.JtlAuth;
import de.contactsync.model.TenantNames;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A setting of one tenant, {@code jtl.tenants.NAME.…}, which takes the place of the {@code jtl.…} for all.
 *
 * @param tenant  {@linkplain TenantNames#canonical canonical} name
 * @param setting the one for all
 */
record TenantKey(String tenant, ConfigKey setting) {

    private static final String PREFIX = "jtl.tenants.";
    private static final String ALL = "jtl.";
    private static final Pattern KEY = Pattern.compile("jtl\\.tenants\\.([^.]+)\\.(.+)");
    private static final Pattern ENVIRONMENT = Pattern.compile("JTL_TENANTS_(\\w+)");

    private static final Set<ConfigKey> OF_THE_PROCESS = EnumSet.of(ConfigKey.CONCURRENCY, ConfigKey.REFUSAL_PAUSE);

    /** Say who or what a tenant is, so that no other has the same. */
    private static final Set<ConfigKey> OF_ONE = EnumSet.of(ConfigKey.TENANT_ID, ConfigKey.FINGERPRINT, ConfigKey.AUTH);

    /** Empty when it is none, or misspelt. */
    static Optional<TenantKey> ofKey(String key) {
        Matcher matcher = KEY.matcher(key);
        return matcher.matches() && TenantNames.isName(matcher.group(1))
                ? SettingNames.ofKey(ALL + matcher.group(2))
                        .map(setting -> new TenantKey(TenantNames.canonical(matcher.group(1)), setting))
                : Optional.empty();
    }

    /** The same in the environment, where {@code _} stands for anything: the longest setting that it can end with. */
    static Optional<TenantKey> ofEnvironment(String name) {
        Matcher matcher = ENVIRONMENT.matcher(name);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String rest = matcher.group(1);
        return Arrays.stream(ConfigKey.values())
                .filter(setting -> setting.key().startsWith(ALL) && rest.endsWith(suffix(setting)))
                .max(Comparator.comparingInt(setting -> suffix(setting).length()))
                .map(setting -> new TenantKey(
                        rest.substring(0, rest.length() - suffix(setting).length()), setting))
                .filter(key -> TenantNames.isName(key.tenant))
                .map(key -> new TenantKey(TenantNames.canonical(key.tenant), key.setting));
    }

    private static String suffix(ConfigKey setting) {
        return "_" + setting.environmentName().substring(ALL.length());
    }

    /** What a key under {@code jtl.tenants.} may have been meant for. */
    static String nearest(String key) {
        Matcher matcher = KEY.matcher(key);
        if (!matcher.matches()) {
            return PREFIX + "NAME.base-url";
        }
        String name = TenantNames.isName(matcher.group(1)) ? matcher.group(1) : "NAME";
        String setting = SettingNames.nearest(ALL + matcher.group(2)).key();
        return PREFIX + name + "."
                + (setting.startsWith(ALL)
                        ? setting.substring(ALL.length())
                        : ConfigKey.BASE_URL.key().substring(4));
    }

    static boolean resembles(String key) {
        return key.regionMatches(true, 0, PREFIX, 0, PREFIX.length());
    }

    /** As people write it. */
    static String key(String tenant, ConfigKey setting) {
        return PREFIX + tenant + "." + setting.key().substring(ALL.length());
    }

    boolean isOfTheProcess() {
        return OF_THE_PROCESS.contains(setting);
    }

    /**
     * Whether a tenant without a setting of its own has the one for all. What belongs to a grant, an address above all,
     * passes only to tenants with a grant of the same kind: no secret or key shall go to a server it is not meant for.
     *
     * @param own    what the tenant sets
     * @param ofAll  {@code jtl.auth}
     * @param mine   the tenant's
     * @param uses   settings and the grants that they have a use with
     */
    static boolean isInherited(
            ConfigKey setting, Set<ConfigKey> own, String ofAll, String mine, Map<ConfigKey, Set<String>> uses) {
        if (OF_ONE.contains(setting)) {
            return false;
        }
        String wawi = JtlAuth.WAWI_APP.id();
        return switch (setting) {
            case BASE_URL -> !wawi.equals(mine) && !wawi.equals(ofAll);
            case SCOPE -> mine.equals(ofAll);
            case CLIENT_SECRET -> !own.contains(ConfigKey.CLIENT_ID) && usedByBoth(setting, ofAll, mine, uses);
            default -> usedByBoth(setting, ofAll, mine, uses);
        };
    }

    private static boolean usedByBoth(ConfigKey setting, String ofAll, String mine, Map<ConfigKey, Set<String>> uses) {
        Set<String> grants = uses.get(setting);
        return grants == null || grants.contains(mine) && grants.contains(ofAll);
    }
}
