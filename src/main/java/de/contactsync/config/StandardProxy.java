package de.contactsync.config;

import de.contactsync.config.PropertySources.Value;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;
import java.util.Properties;

/**
 * The proxy as other programs have it set, for where {@code contacts.proxy} is not: Java's system properties
 * {@code https.proxyHost} and its kin, else {@code HTTPS_PROXY} and {@code NO_PROXY}, also in lower case.
 */
final class StandardProxy {

    private StandardProxy() {}

    static Map<ConfigKey, Value> read(Map<String, String> environment, Properties system) {
        Map<ConfigKey, Value> values = new EnumMap<>(ConfigKey.class);
        String host = system.getProperty("https.proxyHost", "").strip();
        String name = environment.getOrDefault("HTTPS_PROXY", "").isBlank() ? "https_proxy" : "HTTPS_PROXY";
        String address = environment.getOrDefault(name, "").strip();
        if (!host.isEmpty()) {
            String port = system.getProperty("https.proxyPort", "443");
            put(values, ConfigKey.PROXY, "http://" + host + ":" + port, "-Dhttps.proxyHost");
            put(values, ConfigKey.PROXY_USERNAME, system.getProperty("https.proxyUser"), "-Dhttps.proxyUser");
            put(values, ConfigKey.PROXY_PASSWORD, system.getProperty("https.proxyPassword"), "-Dhttps.proxyPassword");
            put(values, ConfigKey.PROXY_BYPASS, system.getProperty("http.nonProxyHosts"), "-Dhttp.nonProxyHosts");
        } else if (!address.isEmpty()) {
            String origin = "environment variable " + name;
            // A password may hold any character, also some that a URI may not.
            int at = address.lastIndexOf('@');
            String scheme = address.contains("://") ? address.substring(0, address.indexOf("://") + 3) : "http://";
            String[] login = at < 0
                    ? new String[0]
                    : address.substring(0, at).replaceFirst("^[^:/]*://", "").split(":", 2);
            put(
                    values,
                    ConfigKey.PROXY,
                    withPort(scheme + address.substring(at + 1).replaceFirst("^[^:/]*://", "")),
                    origin);
            put(values, ConfigKey.PROXY_USERNAME, login.length > 0 ? decoded(login[0]) : null, origin);
            put(values, ConfigKey.PROXY_PASSWORD, login.length > 1 ? decoded(login[1]) : null, origin);
            String none = environment.getOrDefault("NO_PROXY", "").isBlank() ? "no_proxy" : "NO_PROXY";
            put(values, ConfigKey.PROXY_BYPASS, environment.get(none), "environment variable " + none);
        }
        return values;
    }

    private static void put(Map<ConfigKey, Value> values, ConfigKey configKey, String text, String origin) {
        if (text != null && !text.isBlank()) {
            values.put(configKey, new Value(text, origin));
        }
    }

    private static String withPort(String address) {
        try {
            URI uri = URI.create(address);
            return uri.getHost() != null && uri.getPort() < 0
                    ? uri.getScheme() + "://" + uri.getHost() + ":80"
                    : address;
        } catch (IllegalArgumentException e) {
            // Whoever reads it says so.
            return address;
        }
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }
}
