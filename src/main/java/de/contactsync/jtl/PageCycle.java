package de.contactsync.jtl;

import de.contactsync.jtl.CallResult.Customers;

/**
 * Notices that a list begins again somewhere, however many pages later, by holding two of them: the one before, and one
 * whose number is a power of two (R. P. Brent, "An improved Monte Carlo factorization algorithm", 1980). Thread-safe.
 */
final class PageCycle {

    private Customers before;
    private Customers held;
    private int empty;

    /**
     * @param number of the page, from 1, with which another list begins
     * @return whether its customers came on one of the two pages
     */
    synchronized boolean closes(int number, Customers page) {
        boolean closes = number > 1 && (page.repeats(before) || page.repeats(held));
        empty = page.size() > 0 ? 0 : empty + 1;
        before = page;
        if (Integer.bitCount(number) == 1) {
            held = page;
        }
        return closes;
    }

    /** Pages without a customer since the last one with some. */
    synchronized int empty() {
        return empty;
    }
}
