package de.contactsync.model;

import java.util.List;

/**
 * Some entries of a list that comes page by page.
 *
 * @param last            whether none follows
 * @param customers       that JTL named on it
 * @param failedCustomers of these, whose contacts could not be listed
 * @param totalCustomers  on all pages by JTL's count, -1 when it does not say
 */
public record KeyPage(List<KeyEntry> entries, boolean last, int customers, int failedCustomers, long totalCustomers) {

    public KeyPage {
        entries = List.copyOf(entries);
    }
}
