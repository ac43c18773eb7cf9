package de.contactsync.config;

import java.util.Locale;
import java.util.Set;

/**
 * The keys under {@code contacts.status.}: where the status port listens, and to whom it answers.
 *
 * @param open         whether hosts beside this one may reach it
 * @param allowedHosts names in lower case by which callers may address it, beside its own
 */
public record StatusSettings(String host, int port, boolean open, Set<String> allowedHosts) {

    private static final Set<String> LOCAL = Set.of("localhost", "127.0.0.1", "::1");

    /**
     * Whether a request that names this host is meant for us. A page of another site can have its own name lead to
     * this machine (DNS rebinding) and read what it likes, but not without that name in its requests. An IP address is
     * no such name; probes of orchestrators use it.
     *
     * @param header as {@code Host} or {@code :authority} have it, with or without a port
     */
    public boolean answersTo(String header) {
        String lower = header.strip().toLowerCase(Locale.ROOT);
        String name = lower.startsWith("[")
                ? lower.replaceFirst("^\\[([^\\]]*)\\](:\\d*)?$", "$1")
                : lower.replaceFirst("\\.?(:\\d*)?$", "");
        boolean address = name.matches("\\d{1,3}(\\.\\d{1,3}){3}") || name.contains(":");
        return LOCAL.contains(name)
                || name.equals(host.toLowerCase(Locale.ROOT))
                || open && address
                || allowedHosts.contains(name);
    }

    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
