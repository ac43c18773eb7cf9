package de.contactsync.jtl;

import de.contactsync.contact.HaltException;
import de.contactsync.contact.Outcome;
import java.time.Duration;

/** What one call told about its key: the body that the route get-customer-contact ends with. */
sealed interface Answer {

    /** JTL spoke about this very key, so it evidently works for keys in general. */
    record Final(Outcome outcome) implements Answer {}

    /**
     * Worth another try.
     *
     * @param whenExhausted what the key becomes when no try is left
     * @param trouble       what failed, for logs: without JTL's own words, which may quote a contact
     * @param retryAfter    wait that JTL asked for, or null
     * @param costsAttempt  false when the call did not fail but came too early
     * @param outage        true when the failure speaks of JTL as a whole rather than of this key
     */
    record Retry(
            Outcome.Failed whenExhausted, String trouble, Duration retryAfter, boolean costsAttempt, boolean outage)
            implements Answer {}

    /** The access token was refused. */
    record TokenRefused(AccessToken used, Outcome.Failed whenRefusedAgain) implements Answer {}

    /** Perhaps not JTL that answered: the key's fault only if other keys get proper answers. */
    record Misrouted(Outcome.Failed whenOthersPass) implements Answer {}

    /** JTL refuses every key of the tenant until a person acts. */
    record Refusal(String message) implements Answer {}

    /** There was no call, or it failed in a way that nobody foresaw: no key can go on. */
    record Halt(HaltException reason) implements Answer {}
}
