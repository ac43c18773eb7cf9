package de.contactsync.crm;

import de.contactsync.model.ContactKey;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import java.util.HashMap;
import java.util.Map;

/**
 * Contacts that the CRM fails on: whether that is about them shows by what becomes of others. One is abandoned once the
 * CRM has taken others since it first failed on this one; until then it stays pending. Used by one thread.
 */
final class FailingRecords {

    /**
     * An overloaded server or gateway says the same of any record, so it gets more chances than one that fails by
     * itself.
     */
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
    DeliveryResult settle(ContactKey key, DeliveryResult result, long takenBefore) {
        Outcome.Failed failure = failure(result);
        if (failure == null) {
            if (!(result instanceof DeliveryResult.Unsent)) {
                trials.remove(key);
            }
            return result;
        }
        Trial trial = trials.merge(key, new Trial(1, takenBefore), (known, first) -> known.again());
        boolean isEnough = failure.httpStatus() != null && failure.httpStatus() == FAILED || trial.times() >= TIMES;
        if (!isEnough || taken == trial.takenBefore()) {
            return new DeliveryResult.Unsent();
        }
        trials.remove(key);
        return result;
    }

    /** Whether the CRM failed on it when it was sent last. */
    boolean contains(ContactKey key) {
        return trials.containsKey(key);
    }

    long count() {
        return taken;
    }

    /** Null when the CRM does not fail on the contact. */
    private static Outcome.Failed failure(DeliveryResult result) {
        Outcome.Failed why = result instanceof DeliveryResult.Refused refused
                ? refused.why()
                : result instanceof DeliveryResult.Unlinked unlinked ? unlinked.why() : null;
        return why != null && why.reason() == Reason.RETRIES_EXHAUSTED ? why : null;
    }
}
