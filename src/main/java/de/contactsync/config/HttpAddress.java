package de.contactsync.config;

import java.net.URI;

/** Addresses that calls with secrets may go to. */
final class HttpAddress {

    private HttpAddress() {}

    /** Null when it is not safe, or has what does not belong to an address. */
    static URI parse(String text) {
        URI uri = parseWithQuery(text);
        return uri == null || uri.getRawQuery() != null ? null : uri;
    }

    /** The same, but for a query, which some chats have their secret in. */
    static URI parseWithQuery(String text) {
        URI uri = URI.create(text);
        return isSafe(uri)
                        && uri.getHost() != null
                        && uri.getPort() < 65_536
                        && uri.getRawUserInfo() == null
                        && uri.getRawFragment() == null
                ? uri
                : null;
    }

    /** Whether nobody else can read what is sent there: by TLS, or because it stays on this machine. */
    static boolean isSafe(URI uri) {
        return "https".equals(uri.getScheme()) || "http".equals(uri.getScheme()) && isLoopback(uri.getHost());
    }

    static boolean isLoopback(String host) {
        return host != null
                && (host.equals("localhost") || host.equals("[::1]") || host.matches("127(\\.\\d{1,3}){3}"));
    }
}
