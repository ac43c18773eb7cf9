package de.contactsync.contact;

import java.util.List;

/**
 * Some entries of a list that comes page by page.
 *
 * @param last whether none follows
 */
public record KeyPage(List<KeyEntry> entries, boolean last) {

    public KeyPage {
        entries = List.copyOf(entries);
    }
}
