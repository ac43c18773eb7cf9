package de.contactsync.outbox;

import de.contactsync.model.DeliveryResult;

/**
 * What came of what a sink was sent.
 *
 * @param delivered how often the sink accepted a contact
 * @param removed   how often it deleted or flagged one that JTL has no longer
 * @param leftOut   how often a contact was not written, as {@link DeliveryResult.LeftOut} says
 * @param withoutEmail how often it has a contact without its e-mail address, be it delivered just now or before
 * @param notThere  how often it had no record, or none of its own, of one that it was to delete or flag
 */
public record DeliveryCounts(
        long delivered, long refused, long removed, long withoutEmail, long leftOut, long notThere) {

    public static final DeliveryCounts NONE = new DeliveryCounts(0, 0, 0, 0, 0, 0);

    DeliveryCounts plus(DeliveryCounts other) {
        return new DeliveryCounts(
                delivered + other.delivered,
                refused + other.refused,
                removed + other.removed,
                withoutEmail + other.withoutEmail,
                leftOut + other.leftOut,
                notThere + other.notThere);
    }

    public DeliveryCounts minus(DeliveryCounts other) {
        return new DeliveryCounts(
                delivered - other.delivered,
                refused - other.refused,
                removed - other.removed,
                withoutEmail - other.withoutEmail,
                leftOut - other.leftOut,
                notThere - other.notThere);
    }
}
