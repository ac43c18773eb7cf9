package de.contactsync.model;

import java.time.Instant;
import java.util.List;

/**
 * Some entries of a list that comes page by page.
 *
 * @param last            whether none follows
 * @param customers       that JTL named on it
 * @param failedCustomers of these, whose contacts could not be listed
 * @param totalCustomers  on all pages by JTL's count, -1 when it does not say
 * @param serverTime      when it was answered, by JTL's clock; null where JTL does not say
 * @param brokenOff       whether the list ends here without showing that it is whole
 */
public record KeyPage(
        List<KeyEntry> entries,
        boolean last,
        int customers,
        int failedCustomers,
        long totalCustomers,
        boolean brokenOff,
        Instant serverTime) {

    public KeyPage(
            List<KeyEntry> entries,
            boolean last,
            int customers,
            int failedCustomers,
            long totalCustomers,
            boolean brokenOff) {
        this(entries, last, customers, failedCustomers, totalCustomers, brokenOff, null);
    }

    public KeyPage {
        entries = List.copyOf(entries);
    }
}
