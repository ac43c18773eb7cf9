package de.contactsync.crm;

import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import java.util.Objects;
import java.util.function.BooleanSupplier;

/**
 * As {@link RefusalBrake}, for what is to be deleted or flagged: the CRM has done it for none so far, and refuses each
 * for one reason, as without the right to it; or it has no record of any, as without the right to see them. Used by one
 * thread.
 */
final class RemovalBrake {

    /** As many may be deleted there by people as well. */
    private static final int CONVINCING = 10;

    private boolean done;
    /** Of those that were refused one after another; null when there are none. */
    private String reason;

    private int refused;
    private int absent;

    /**
     * @param result  of one removal
     * @param visible whether the CRM shows a record that must be there; asked only where none was
     * @return null, or why no more are to be removed until somebody has seen to it
     */
    String trouble(DeliveryResult result, BooleanSupplier visible) {
        if (result instanceof DeliveryResult.Absent) {
            absent++;
            if (done || absent < CONVINCING) {
                return null;
            }
            if (visible.getAsBoolean()) {
                absent = 0;
                return null;
            }
            return "None of the " + absent
                    + " contacts that were to be deleted or flagged is in the CRM, and neither is"
                    + " one that JTL has and that was delivered: see that we may still see records there, and that"
                    + " contacts.crm.base-url is right. If people have deleted all of them, the command crm forget-target"
                    + " forgets them";
        }
        if (result instanceof DeliveryResult.Accepted) {
            done = true;
            absent = 0;
        }
        String common = done ? null : reason(result);
        refused = common == null ? 0 : common.equals(reason) ? refused + 1 : 1;
        reason = common;
        return refused < CONVINCING
                ? null
                : "All of the first " + refused + " contacts that were to be deleted or flagged were refused for the"
                        + " same reason, so no more are: "
                        + ((DeliveryResult.Refused) result)
                                .why()
                                .errorMessage()
                                .replace(ErrorSanitizer.ONCE_REPLAYED, "")
                        + "; see that we may do this there, or set contacts.on-gone=keep";
    }

    /** Null when nothing was refused, or only kept from harm by ourselves. */
    private static String reason(DeliveryResult result) {
        if (!(result instanceof DeliveryResult.Refused refusal)) {
            return null;
        }
        Outcome.Failed why = refusal.why();
        return why.reason() != Reason.SINK_REJECTED || why.httpStatus() == null
                ? null
                : why.httpStatus() + " " + Objects.requireNonNullElse(why.errorCode(), "");
    }
}
