package de.contactsync.crm;

import de.contactsync.model.ContactKey;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.RecordOwners;
import de.contactsync.outbox.FailingRecords;
import de.contactsync.resilience.OutageException;
import java.util.List;
import java.util.function.Supplier;

/** Deletes or flags contacts that JTL has no longer, until it shows that this concerns none of them. Used by one thread. */
final class Removals {

    /** So many removals in a row that are answered alike and none that was done: it is about none of them. */
    private static final int CONVINCING_REMOVALS = 5;

    private final Crm crm;
    private final CrmClient calls;
    private final RecordOwners owners;
    private final FailingRecords<ContactKey> failingRecords;
    private final UnexpectedAnswers unexpected;
    private final RemovalBrake brake = new RemovalBrake();

    /** @param unexpected of removals: who may write contacts may perhaps not delete them */
    Removals(
            Crm crm,
            CrmClient calls,
            RecordOwners owners,
            FailingRecords<ContactKey> failingRecords,
            UnexpectedAnswers unexpected) {
        this.crm = crm;
        this.calls = calls;
        this.owners = owners;
        this.failingRecords = failingRecords;
        this.unexpected = unexpected;
    }

    /** @return null, or what says why those that are left stay pending */
    Supplier<OutageException> remove(
            List<Delivery> deliveries, List<Integer> gone, long ends, DeliveryResult[] receipts) {
        long doneBefore = unexpected.taken();
        int refused = 0;
        for (int i : gone) {
            receipts[i] = removeOrFlag(deliveries.get(i), ends);
            failingRecords.note(List.of(deliveries.get(i).key()), List.of(receipts[i]), calls.now());
            unexpected.note(deliveries.get(i), receipts[i]);
            String trouble = brake.trouble(receipts[i], () -> isAnyVisible(ends));
            if (trouble != null) {
                gone.forEach(each -> receipts[each] = new DeliveryResult.Unsent());
                return () -> calls.halt(trouble);
            }
            refused += receipts[i] instanceof DeliveryResult.Unexpected ? 1 : 0;
            boolean noneDone = unexpected.taken() == doneBefore;
            if (noneDone && refused >= CONVINCING_REMOVALS) {
                unexpected.concernAll();
            }
            if (unexpected.areConvincing()) {
                break;
            }
        }
        boolean ofAll = refused > 0
                && unexpected.taken() == doneBefore
                && gone.stream().anyMatch(i -> unexpected.isLeft(deliveries.get(i), receipts[i]));
        return ofAll ? () -> calls.halt(unexpected.last()) : null;
    }

    private DeliveryResult removeOrFlag(Delivery delivery, long ends) {
        try {
            return crm.removeOrFlag(delivery, ends);
        } catch (UnexpectedAnswerException e) {
            return e.result();
        }
    }

    private boolean isAnyVisible(long ends) {
        Delivery delivered = owners.anyDelivered();
        return delivered != null && crm.shows(delivered, ends);
    }
}
