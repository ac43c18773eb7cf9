package de.contactsync.crm;

import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Outcome;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.Reason;

/**
 * An answer that concerns everything as a rule, such as one of 403 or a page, and may be about the records that were
 * sent, as when a firewall takes offence at one of them: what becomes of others decides.
 */
public final class UnexpectedAnswerException extends ProcessingHaltedException {

    private static final long serialVersionUID = 1L;

    private final transient Outcome.Failed why;

    /** @param trouble with the remedy */
    public UnexpectedAnswerException(CrmResponse answer, String trouble) {
        this(answer, new CallDecision.Unexpected(trouble));
    }

    UnexpectedAnswerException(CrmResponse answer, CallDecision.Unexpected decision) {
        super(decision.trouble());
        this.why = new Outcome.Failed(
                Reason.SINK_REJECTED,
                CrmResponse.httpStatus(answer.status()),
                decision.code(),
                decision.trouble(),
                null,
                1);
    }

    Outcome.Failed why() {
        return why;
    }

    /** Of a record that was sent alone. */
    public DeliveryResult.Unexpected result() {
        return new DeliveryResult.Unexpected(why);
    }
}
