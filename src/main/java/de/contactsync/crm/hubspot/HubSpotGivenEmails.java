package de.contactsync.crm.hubspot;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Which contacts have got their e-mail addresses a short while ago: in a first sync those that share one come one after
 * another, and each time HubSpot would have to refuse a batch and be asked whose the address is. Used by one thread.
 */
final class HubSpotGivenEmails {

    private static final int MOST_REMEMBERED = 20_000;
    /** People may change an address meanwhile. */
    private static final long LIFETIME_NANOS = Duration.ofMinutes(10).toNanos();

    private record Given(HubSpotReads.Owner owner, long at) {}

    private final Map<String, Given> byAddress = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Given> eldest) {
            boolean full = size() > MOST_REMEMBERED;
            if (full) {
                addresses.remove(eldest.getValue().owner().key());
            }
            return full;
        }
    };
    /** By the keys of contacts. */
    private final Map<String, String> addresses = new HashMap<>();

    /** @param address null when it has none */
    void note(String key, String recordId, String address, long now) {
        forget(key);
        if (address != null) {
            String plain = address.toLowerCase(Locale.ROOT);
            Given before = byAddress.remove(plain);
            if (before != null) {
                addresses.remove(before.owner().key());
            }
            byAddress.put(plain, new Given(new HubSpotReads.Owner(recordId, key), now));
            addresses.put(key, plain);
        }
    }

    void forget(String key) {
        byAddress.remove(addresses.remove(key));
    }

    /** @param wanted in lower case */
    Map<String, HubSpotReads.Owner> owners(Collection<String> wanted, long now) {
        Map<String, HubSpotReads.Owner> owners = new HashMap<>();
        for (String address : wanted) {
            Given given = byAddress.get(address);
            if (given != null && now - given.at() < LIFETIME_NANOS) {
                owners.put(address, given.owner());
            }
        }
        return owners;
    }
}
