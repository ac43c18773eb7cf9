package de.contactsync.jtl;

import de.contactsync.model.ContactKey;
import java.util.Set;
import java.util.UUID;

/**
 * What the route query-customer-contacts takes: the customer whose list is fetched, and what is looked for in it.
 *
 * @param contactIds the contacts to keep, the list may have any number of others; null for all of them
 */
record CustomerContactsQuery(Customer customer, Set<UUID> contactIds) {

    CustomerContactsQuery {
        contactIds = contactIds == null ? null : Set.copyOf(contactIds);
    }

    static CustomerContactsQuery allOf(Customer customer) {
        return new CustomerContactsQuery(customer, null);
    }

    boolean wants(UUID contactId) {
        return contactIds == null || contactIds.contains(contactId);
    }

    /** A customer of a tenant. */
    record Customer(UUID tenantId, UUID customerId) {

        static Customer of(ContactKey key) {
            return new Customer(key.tenantId(), key.customerId());
        }
    }
}
