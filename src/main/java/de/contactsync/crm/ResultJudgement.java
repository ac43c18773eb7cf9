package de.contactsync.crm;

import de.contactsync.model.ContactKey;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryBatch;
import de.contactsync.model.DeliveryReport;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Outcome;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.outbox.FailingRecords;
import de.contactsync.outbox.Presence;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells results that are about a contact from those that may be about all; these leave it pending. Used by one thread. */
final class ResultJudgement {

    private static final Logger LOG = LoggerFactory.getLogger(ResultJudgement.class);

    private final Crm crm;
    private final CrmClient calls;
    private final FailingRecords<ContactKey> failingRecords;
    private final UnexpectedAnswers unexpected;
    private final UnexpectedAnswers unexpectedRemovals;

    ResultJudgement(
            Crm crm,
            CrmClient calls,
            FailingRecords<ContactKey> failingRecords,
            UnexpectedAnswers unexpected,
            UnexpectedAnswers unexpectedRemovals) {
        this.crm = crm;
        this.calls = calls;
        this.failingRecords = failingRecords;
        this.unexpected = unexpected;
        this.unexpectedRemovals = unexpectedRemovals;
    }

    /** @param sentFor whose result is that of a delivery: its own, or that of a newer one with the same id */
    DeliveryReport of(
            DeliveryBatch batch,
            DeliveryResult[] receipts,
            IntUnaryOperator sentFor,
            Map<Delivery, String> fieldHashes) {
        List<Delivery> deliveries = batch.deliveries();
        Set<Delivery> failedOn = new HashSet<>();
        // Once at most.
        AtomicReference<Presence> seen = new AtomicReference<>();
        Supplier<Presence> probe = () -> seen.updateAndGet(known -> known == null ? probe(batch.ends()) : known);
        for (int i = 0; i < receipts.length; i++) {
            if (receipts[i] instanceof DeliveryResult.Unexpected answer) {
                UnexpectedAnswers answers = deliveries.get(i).gone() ? unexpectedRemovals : unexpected;
                if (answers.isOwn(deliveries.get(i).key())) {
                    receipts[i] = ownRefusal(answer, deliveries.get(i).gone());
                    answers.forget(deliveries.get(i).key());
                } else {
                    receipts[i] = new DeliveryResult.Unsent();
                    failedOn.add(deliveries.get(i));
                }
            }
            if (sentFor.applyAsInt(i) == i
                    && !failingRecords.isOwn(deliveries.get(i).key(), receipts[i], probe, calls.now())) {
                receipts[i] = new DeliveryResult.Unsent();
                failedOn.add(deliveries.get(i));
            }
        }
        for (int i = 0; i < receipts.length; i++) {
            int sent = sentFor.applyAsInt(i);
            receipts[i] = receipts[sent];
            if (failedOn.contains(deliveries.get(sent))) {
                failedOn.add(deliveries.get(i));
            }
        }
        return new DeliveryReport(batch, List.of(receipts), failedOn, fieldHashes);
    }

    /** That others show that an answer is about the contact. */
    private static DeliveryResult ownRefusal(DeliveryResult.Unexpected answer, boolean gone) {
        Outcome.Failed why = answer.why();
        return new DeliveryResult.Refused(new Outcome.Failed(
                why.reason(),
                why.httpStatus(),
                why.errorCode(),
                "Others were taken before and after, so this is about the contact: " + why.errorMessage()
                        + (gone ? ErrorSanitizer.ONCE_REPLAYED : ErrorSanitizer.ONCE_CHANGED),
                why.errors(),
                1));
    }

    private Presence probe(long ends) {
        try {
            return crm.probe(ends);
        } catch (ProcessingHaltedException e) {
            LOG.debug("the CRM does not answer either when it is only asked", e);
            return Presence.FAILS;
        }
    }
}
