package de.contactsync.jtl;

import de.contactsync.contact.ContactKey;
import java.util.Set;
import java.util.UUID;

/**
 * What the route query-customer-contacts takes: the customer whose list is asked for, and what is looked for in it.
 *
 * @param contactIds the contacts to keep; the list may have any number of others
 */
record CustomerContacts(Customer customer, Set<UUID> contactIds) {

    CustomerContacts {
        contactIds = Set.copyOf(contactIds);
    }

    /** A customer of a tenant. */
    record Customer(UUID tenantId, UUID customerId) {

        static Customer of(ContactKey key) {
            return new Customer(key.tenantId(), key.customerId());
        }
    }
}
