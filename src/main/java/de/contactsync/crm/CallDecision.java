package de.contactsync.crm;

import de.contactsync.resilience.Outage;
import java.time.Duration;

/** What an answer of the CRM means for the call. */
public sealed interface CallDecision {

    /** It is about the records that were sent. */
    record Answered() implements CallDecision {}

    /** May pass. @param pause at least, null when it does not matter */
    record Retry(String trouble, Duration pause) implements CallDecision {}

    /**
     * May pass, or be about the records that were sent: what comes again and again is the answer.
     *
     * @param pause as of {@link Retry}
     */
    record Doubt(String trouble, Duration pause) implements CallDecision {}

    /** The quota is spent: wait, at no cost of an attempt. */
    record QuotaSpent() implements CallDecision {}

    /** Goes on with a new token if there is one available, and else concerns everything. */
    record TokenRefused(String trouble) implements CallDecision {}

    /**
     * Concerns everything as a rule, but see {@link UnexpectedAnswerException}; the text says what to do.
     *
     * @param code of the CRM; null when it says none
     */
    record Unexpected(String trouble, String code) implements CallDecision {

        /** Without a code. */
        public Unexpected(String trouble) {
            this(trouble, null);
        }
    }

    /** Concerns everything; the text says what to do. */
    record Halt(Outage.Kind kind, String trouble) implements CallDecision {}
}
