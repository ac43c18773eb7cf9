package de.contactsync.crm.rest;

import de.contactsync.crm.CrmClient;
import de.contactsync.crm.CrmRecord;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.Reason;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes contacts by {@link RestLookup}, and creates missing records anew only when that is believable: to somebody who
 * may not read any longer all of them are gone, and each would be created a second time. Used by one thread.
 */
final class RestLookupBatch {

    /** People may delete fewer one after another. */
    private static final int CONVINCING = 10;

    private final CrmClient calls;
    private final ParallelSender lanes;
    /** Remembered records one after another that were not there; as soon as one is there, none. */
    private int missing;

    RestLookupBatch(CrmClient calls, ParallelSender lanes) {
        this.calls = calls;
        this.lanes = lanes;
    }

    List<DeliveryResult> write(RestLookup lookup, List<CrmRecord> contacts, long ends) {
        List<DeliveryResult> receipts = lanes.sendAll(contacts, each -> lookup.write(each, ends));
        List<Integer> anew = new ArrayList<>();
        boolean present = false;
        for (int i = 0; i < contacts.size(); i++) {
            if (receipts.get(i) == null) {
                anew.add(i);
            } else {
                present |= contacts.get(i).delivery().remoteId() != null && isThere(receipts.get(i));
            }
        }
        if (present) {
            missing = 0;
        } else if (missing < CONVINCING) {
            missing += anew.size();
        }
        if (anew.isEmpty()) {
            return receipts;
        }
        try {
            if (missing >= CONVINCING) {
                throw calls.halt(RestHalts.allMissing(missing));
            }
            List<DeliveryResult> created =
                    lanes.sendAll(anew.stream().map(contacts::get).toList(), each -> lookup.create(each, ends));
            for (int i = 0; i < created.size(); i++) {
                receipts.set(anew.get(i), created.get(i));
            }
        } catch (ProcessingHaltedException e) {
            // What became of the others is kept.
            anew.forEach(i -> receipts.set(i, new DeliveryResult.Unsent()));
            if (receipts.stream().allMatch(DeliveryResult.Unsent.class::isInstance)) {
                throw e;
            }
        }
        return receipts;
    }

    /** A refusal, too, is of a record that is there. */
    private static boolean isThere(DeliveryResult result) {
        return result instanceof DeliveryResult.Accepted
                || result instanceof DeliveryResult.Refused refusal
                        && refusal.why().reason() == Reason.SINK_REJECTED;
    }
}
