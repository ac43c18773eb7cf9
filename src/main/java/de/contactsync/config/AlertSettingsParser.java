package de.contactsync.config;

import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The keys under {@code contacts.alert.}. */
final class AlertSettingsParser {

    private static final String ADDRESS = "[^@\\s,<>\"]+@[A-Za-z0-9.-]+";

    private AlertSettingsParser() {}

    static AlertSettings read(SettingsParser read) {
        List<String> to = read.parsed(
                ConfigKey.ALERT_MAIL,
                "addresses such as office@example.com, comma separated",
                AlertSettingsParser::addresses);
        String from = read.parsed(
                ConfigKey.ALERT_MAIL_FROM,
                "an address such as sync@example.com",
                value -> value.matches(ADDRESS) ? value : null);
        AlertSettings.Tls tls = read.parsed(
                ConfigKey.ALERT_MAIL_TLS,
                "starttls, implicit or none (only for a server on this machine)",
                value -> AlertSettings.Tls.valueOf(SettingsParser.constant(value)));
        String host = read.text(ConfigKey.ALERT_MAIL_HOST);
        int port = read.number(ConfigKey.ALERT_MAIL_PORT, 1, 65_535);
        String username = read.text(ConfigKey.ALERT_MAIL_USERNAME);
        String password = read.text(ConfigKey.ALERT_MAIL_PASSWORD);
        if (to != null) {
            read.required(ConfigKey.ALERT_MAIL_HOST);
            if (username != null || password != null) {
                read.required(ConfigKey.ALERT_MAIL_USERNAME);
                read.required(ConfigKey.ALERT_MAIL_PASSWORD);
            }
            if (tls == AlertSettings.Tls.NONE && host != null && !HttpAddress.isLoopback(host)) {
                read.note(
                        ConfigKey.ALERT_MAIL_TLS,
                        "none sends mail unencrypted, which is allowed only for a server on this machine: use starttls"
                                + " or implicit");
            }
        }
        read.refuse(
                Map.of(
                        ConfigKey.ALERT_MAIL_HOST, Set.of("set"),
                        ConfigKey.ALERT_MAIL_FROM, Set.of("set"),
                        ConfigKey.ALERT_MAIL_USERNAME, Set.of("set"),
                        ConfigKey.ALERT_MAIL_PASSWORD, Set.of("set")),
                ConfigKey.ALERT_MAIL,
                read.isGiven(ConfigKey.ALERT_MAIL) ? "set" : "");
        URI webhook = read.parsed(
                ConfigKey.ALERT_WEBHOOK,
                "an address that begins with https://, or with http:// on this machine",
                HttpAddress::parseWithQuery);
        Duration after = read.duration(ConfigKey.ALERT_AFTER, Duration.ofSeconds(1), Duration.ofHours(24));
        Duration silence = read.isGiven(ConfigKey.ALERT_SILENCE)
                ? read.duration(ConfigKey.ALERT_SILENCE, Duration.ofSeconds(1), Duration.ofHours(24 * 31))
                : null;
        return new AlertSettings(
                to == null || host == null
                        ? null
                        : new AlertSettings.Mail(
                                to, from == null ? to.get(0) : from, host, port, tls, username, password),
                webhook,
                after,
                silence,
                read.percent(ConfigKey.ALERT_DEAD_LETTERS, 100));
    }

    private static List<String> addresses(String text) {
        List<String> addresses =
                Arrays.stream(text.split(",")).map(String::strip).toList();
        return addresses.stream().allMatch(address -> address.matches(ADDRESS)) ? addresses : null;
    }
}
