package de.contactsync.crm.hubspot;

import de.contactsync.crm.CrmRecord;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which contacts of a batch cannot have the e-mail address they come with, since an address is one record's at HubSpot.
 *
 * @param conflicts whose the address is, by the id of the contact that cannot have it
 * @param later     ids of contacts whose address another of the batch is about to abandon
 */
record HubSpotEmails(Map<String, HubSpotReads.Owner> conflicts, Set<String> later) {

    static Set<String> addresses(List<CrmRecord> batch) {
        return batch.stream()
                .map(HubSpotEmails::address)
                .filter(Objects::nonNull)
                .collect(Collectors.toSet());
    }

    /**
     * Whether contacts of the batch share an address, and one of them may have it, or one had an address before that is
     * another's. Of new contacts the first gets it.
     */
    static boolean areInDoubt(List<CrmRecord> batch) {
        Map<String, Boolean> known = new HashMap<>();
        for (CrmRecord contact : batch) {
            if (contact.delivery().lacksOnlyEmail()) {
                return true;
            }
            String address = address(contact);
            if (address != null) {
                Boolean before = known.get(address);
                if (before != null && (before || contact.delivery().known())) {
                    return true;
                }
                known.merge(address, contact.delivery().known(), Boolean::logicalOr);
            }
        }
        return false;
    }

    /** @param owners by address, as far as they are known */
    static HubSpotEmails of(List<CrmRecord> batch, Map<String, HubSpotReads.Owner> owners) {
        Map<String, String> addresses = new HashMap<>();
        batch.forEach(contact -> addresses.put(contact.id(), address(contact)));
        Map<String, HubSpotReads.Owner> conflicts = new HashMap<>();
        Set<String> later = new HashSet<>();
        Set<String> given = new HashSet<>();
        for (CrmRecord contact : batch) {
            String address = addresses.get(contact.id());
            HubSpotReads.Owner owner = address == null ? null : owners.get(address);
            if (address == null || owner != null && owner.key().equals(contact.id())) {
                continue;
            }
            boolean givenUp =
                    owner != null && addresses.containsKey(owner.key()) && !address.equals(addresses.get(owner.key()));
            if (givenUp && given.add(address)) {
                later.add(contact.id());
            } else if (givenUp || owner == null && !given.add(address)) {
                conflicts.put(contact.id(), new HubSpotReads.Owner(null, "another"));
            } else if (owner != null) {
                conflicts.put(contact.id(), owner);
            }
        }
        return new HubSpotEmails(conflicts, later);
    }

    /** Null when it is sent with none. */
    static String address(CrmRecord contact) {
        String address = contact.fields().get("email");
        return address == null || address.isEmpty() ? null : address.toLowerCase(Locale.ROOT);
    }
}
