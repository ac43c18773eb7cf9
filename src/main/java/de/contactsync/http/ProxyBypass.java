package de.contactsync.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Hosts that are reached without a proxy, as {@code NO_PROXY} and {@code http.nonProxyHosts} name them: a name with its
 * subdomains ({@code example.com}, {@code .example.com}, {@code *.example.com}), a pattern ({@code 10.*}), an address,
 * a network ({@code 10.0.0.0/8}), each also with a port; {@code *} for all. This machine itself always is one.
 */
public final class ProxyBypass {

    private static final List<String> LOCAL = List.of("localhost", "127.0.0.0/8", "::1");

    private final List<String> entries;

    /** @param entries with commas, bars or blanks in between */
    public ProxyBypass(String entries) {
        this.entries = Stream.concat(LOCAL.stream(), Arrays.stream(entries.split("[,|\\s]+")))
                .filter(entry -> !entry.isEmpty())
                .map(entry -> entry.toLowerCase(Locale.ROOT))
                .toList();
    }

    /** @param port of the server; -1 for the usual one of https */
    boolean includes(String host, int port) {
        String name = unbracketed(host.toLowerCase(Locale.ROOT));
        return entries.stream().anyMatch(entry -> matches(entry, name, port < 0 ? 443 : port));
    }

    private static boolean matches(String entry, String host, int port) {
        int colon = entry.lastIndexOf(':');
        boolean withPort = colon > 0
                && (entry.indexOf(':') == colon || entry.charAt(colon - 1) == ']')
                && entry.substring(colon + 1).matches("\\d{1,5}");
        if (withPort && Integer.parseInt(entry.substring(colon + 1)) != port) {
            return false;
        }
        String name = unbracketed(withPort ? entry.substring(0, colon) : entry);
        if (name.contains("/")) {
            return isInNetwork(host, name);
        }
        String suffix = name.replaceFirst("^\\*?\\.", "");
        return suffix.contains("*")
                ? host.matches(Pattern.quote(suffix).replace("*", "\\E.*\\Q"))
                : host.equals(suffix) || host.endsWith("." + suffix);
    }

    private static boolean isInNetwork(String host, String network) {
        String[] parts = network.split("/", 2);
        byte[] address = address(host);
        byte[] base = address(parts[0]);
        if (address == null || base == null || address.length != base.length || !parts[1].matches("\\d{1,3}")) {
            return false;
        }
        int bits = Math.min(Integer.parseInt(parts[1]), address.length * 8);
        for (int bit = 0; bit < bits; bit++) {
            int mask = 0x80 >> bit % 8;
            if ((address[bit / 8] & mask) != (base[bit / 8] & mask)) {
                return false;
            }
        }
        return true;
    }

    /** Of an IP address; null for a name, which is not looked up: behind a proxy only the proxy may know it. */
    private static byte[] address(String host) {
        try {
            return host.matches("[0-9.]+|[0-9a-f:.]*:[0-9a-f:.]*")
                    ? InetAddress.getByName(host).getAddress()
                    : null;
        } catch (UnknownHostException e) {
            return null;
        }
    }

    private static String unbracketed(String host) {
        return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    }
}
