package de.contactsync.jtl;

import java.util.UUID;

/**
 * What the route query-customers takes: a page of a tenant's customers.
 *
 * @param number from 1
 * @param filter a further query parameter with its value; null: none
 */
record CustomersPage(UUID tenantId, int number, String filter) {

    /** Customers on a page, as JTL has it by itself; how many it would allow is not documented. */
    static final int SIZE = 100;
}
