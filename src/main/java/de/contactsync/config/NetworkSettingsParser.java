package de.contactsync.config;

import de.contactsync.http.ForwardProxy;
import de.contactsync.http.Network;
import de.contactsync.http.ProxyBypass;
import de.contactsync.http.TrustedCertificates;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;

/**
 * The settings under {@code contacts.proxy} and {@code contacts.trust-store}: the way to JTL, token endpoints and the
 * CRM.
 */
final class NetworkSettingsParser {

    private static final String NONE = "none";

    private NetworkSettingsParser() {}

    static Network read(SettingsParser read) {
        String address = read.parsed(
                ConfigKey.PROXY,
                "http://HOST:PORT, with user and password in contacts.proxy.username and" + " .password, or none",
                value -> value.equals(NONE) || proxy(value) != null ? value : null);
        String username = read.text(ConfigKey.PROXY_USERNAME);
        String password = read.text(ConfigKey.PROXY_PASSWORD);
        String bypass = read.text(ConfigKey.PROXY_BYPASS);
        ForwardProxy proxy = null;
        if (address != null && !address.equals(NONE)) {
            URI uri = proxy(address);
            if (password != null && username == null) {
                read.required(ConfigKey.PROXY_USERNAME);
            }
            proxy = new ForwardProxy(
                    uri.getHost(), uri.getPort(), username, password, new ProxyBypass(bypass == null ? "" : bypass));
        }
        return new Network(proxy, certificates(read));
    }

    /** Null when it is none. */
    private static URI proxy(String text) {
        URI uri = URI.create(text.contains("://") ? text : "http://" + text);
        boolean plain = uri.getRawUserInfo() == null
                && uri.getRawQuery() == null
                && uri.getRawFragment() == null
                && (uri.getRawPath() == null || uri.getRawPath().matches("/?"));
        boolean whole = uri.getHost() != null && uri.getPort() > 0 && uri.getPort() < 65_536;
        return "http".equals(uri.getScheme()) && plain && whole ? uri : null;
    }

    private static TrustedCertificates certificates(SettingsParser read) {
        String password = read.text(ConfigKey.TRUST_STORE_PASSWORD);
        return read.explained(ConfigKey.TRUST_STORE, file -> {
            try {
                return TrustedCertificates.read(Path.of(file), password);
            } catch (IOException e) {
                throw new IllegalArgumentException(e.getMessage(), e);
            }
        });
    }
}
