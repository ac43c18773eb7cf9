package de.contactsync.config;

import de.contactsync.messaging.http.HttpSourceSettings;

/** The keys under {@code contacts.http.}. */
final class HttpSourceSettingsParser {

    /** What nobody guesses. */
    private static final int SHORTEST_TOKEN = 16;

    private HttpSourceSettingsParser() {}

    /** @param wanted whether keys come over HTTP; null then where something is missing */
    static HttpSourceSettings read(SettingsParser read, boolean wanted) {
        boolean open = read.yes(ConfigKey.HTTP_OPEN);
        String host = read.ownHost(
                ConfigKey.HTTP_HOST,
                open,
                "a name or address of this machine; other than loopback, it requires contacts.http.open=true and"
                        + " a proxy with TLS in front, because the token goes over the network");
        int port = read.number(ConfigKey.HTTP_PORT, 1, 65_535);
        int rate = read.number(ConfigKey.HTTP_RATE, 1, 10_000);
        String token = wanted ? read.required(ConfigKey.HTTP_TOKEN) : read.text(ConfigKey.HTTP_TOKEN);
        if (token != null && !token.isEmpty() && !token.matches("[!-~]{" + SHORTEST_TOKEN + ",}")) {
            read.note(
                    ConfigKey.HTTP_TOKEN,
                    "expected " + SHORTEST_TOKEN
                            + " or more printable characters without blanks, such as the output of \"openssl rand -hex"
                            + " 24\"");
        }
        return wanted && host != null ? new HttpSourceSettings(host, port, token, rate) : null;
    }
}
