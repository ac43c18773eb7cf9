package de.contactsync.crm;

import de.contactsync.contact.ContactKey;
import de.contactsync.contact.Outcome;
import de.contactsync.contact.Reason;
import de.contactsync.contact.Receipt;
import java.util.HashMap;
import java.util.Map;

/**
 * Contacts that the CRM fails on: whether that is about them shows by what becomes of others. One is given up once the CRM
 * has taken others since it first failed on this one; until then it stays pending. Used by one thread.
 */
final class SetAside {

    /** An overloaded server or gateway says the same of any record, so it gets more chances than one that fails by itself. */
    private static final int TIMES = 3;
    private static final int FAILED = 500;

    /** @param takenBefore contacts that the CRM had taken before the batch in which it first failed on this one */
    private record Trial(int times, long takenBefore) {

        Trial again() {
            return new Trial(times + 1, takenBefore);
        }
    }

    private final Map<ContactKey, Trial> trials = new HashMap<>();
    private long taken;

    /** @param others contacts that the CRM took in this batch */
    void taken(int others) {
        taken += others;
    }

    /**
     * @param takenBefore reading of {@link #count} before the batch
     * @return the same, or that it stays pending
     */
    Receipt settle(ContactKey key, Receipt receipt, long takenBefore) {
        Outcome.Failed failure = failure(receipt);
        if (failure == null) {
            if (!(receipt instanceof Receipt.Unsent)) {
                trials.remove(key);
            }
            return receipt;
        }
        Trial trial = trials.merge(key, new Trial(1, takenBefore), (known, first) -> known.again());
        boolean isEnough = failure.httpStatus() != null && failure.httpStatus() == FAILED || trial.times() >= TIMES;
        if (!isEnough || taken == trial.takenBefore()) {
            return new Receipt.Unsent();
        }
        trials.remove(key);
        return receipt;
    }

    /** Whether the CRM failed on it when it was sent last. */
    boolean contains(ContactKey key) {
        return trials.containsKey(key);
    }

    long count() {
        return taken;
    }

    /** Null when the CRM does not fail on the contact. */
    private static Outcome.Failed failure(Receipt receipt) {
        Outcome.Failed why = receipt instanceof Receipt.Refused refused ? refused.why()
                : receipt instanceof Receipt.Unlinked unlinked ? unlinked.why() : null;
        return why != null && why.reason() == Reason.RETRIES_EXHAUSTED ? why : null;
    }
}
