package de.contactsync.jtl;

import de.contactsync.model.Outcome;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.oauth.Credential;
import de.contactsync.resilience.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** What one call told: the body that the routes of JTL's calls end with. */
sealed interface CallResult {

    /** This one, of a call that began at {@code instant} by the {@link de.contactsync.model.CallClock}. */
    default CallResult askedAt(long instant) {
        return this;
    }

    /** @param ofList whether a failure says nothing of the tenant */
    default Verdict verdict(boolean ofList) {
        return Verdict.UNCLEAR;
    }

    /** The end of the request: no further call for it. */
    sealed interface Conclusive extends CallResult {

        @Override
        default Verdict verdict(boolean ofList) {
            return Verdict.ANSWERED;
        }
    }

    /** JTL spoke about this very key, so it evidently works for keys in general. */
    record Final(Outcome outcome) implements Conclusive {

        @Override
        public Final askedAt(long instant) {
            return new Final(outcome.withAskedAt(instant));
        }
    }

    /**
     * JTL sent the list of a customer's contacts. That it lacks a contact, or has it broken, proves nothing: only a
     * single call does.
     *
     * @param outcomes by contact id, for those asked for that are in the list
     */
    record Listed(Map<UUID, Outcome> outcomes) implements Conclusive {

        @Override
        public Listed askedAt(long instant) {
            Map<UUID, Outcome> all = new LinkedHashMap<>();
            outcomes.forEach((id, outcome) -> all.put(id, outcome.withAskedAt(instant)));
            return new Listed(all);
        }
    }

    /**
     * JTL itself says that it knows no such list: of a customer without contacts, or of one that was deleted. Proves
     * nothing of the contacts: only a single call does.
     *
     * @param why what the customer becomes for whoever needs its list
     */
    record ListNotFound(Outcome.Failed why) implements Conclusive {}

    /**
     * JTL sent a page of its customers.
     *
     * @param unusable  places on the page, from 1, of elements that are no customer with a usable id
     * @param hasNext   whether JTL says that another page follows; null when it does not say
     * @param total     customers on all pages by JTL's count; -1 when it does not say
     * @param checksum  of the answer's bytes
     * @param serverTime when it was answered, by JTL's clock; null when it does not say
     */
    record Customers(
            List<UUID> ids, List<Integer> unusable, Boolean hasNext, long total, long checksum, Instant serverTime)
            implements Conclusive {

        Customers at(Instant time) {
            return new Customers(ids, unusable, hasNext, total, checksum, time);
        }

        /** How many elements the page has. */
        int size() {
            return ids.size() + unusable.size();
        }

        /** Whether it brings nothing new; an envelope may count pages whose customers stay the same. */
        boolean repeats(Customers before) {
            return before != null
                    && size() > 0
                    && (ids.isEmpty()
                            ? checksum == before.checksum
                            : ids.equals(before.ids) && unusable.equals(before.unusable));
        }
    }

    /**
     * The list of a customer's contacts, or a page of customers, could not be had. Says nothing of the contacts, nor of
     * the tenant.
     *
     * @param trouble    what was answered, without JTL's own words
     * @param notOffered whether other customers' lists would fail as well
     * @param outage     whether the failure speaks of JTL as a whole rather than of this customer
     * @param why        what the customer or the page becomes for whoever needs it
     */
    record ListFailed(String trouble, boolean notOffered, boolean outage, Outcome.Failed why) implements Conclusive {

        @Override
        public Verdict verdict(boolean ofList) {
            return Verdict.UNCLEAR;
        }
    }

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
            implements CallResult {

        @Override
        public Retry askedAt(long instant) {
            return new Retry(whenExhausted.withAskedAt(instant), trouble, retryAfter, costsAttempt, outage);
        }

        boolean isCountedByTenant(boolean ofList) {
            return costsAttempt && outage && !ofList;
        }

        /** As it is judged where other keys pass at the same moment. */
        Retry ofKeyAlone() {
            return new Retry(whenExhausted, trouble, costsAttempt ? retryAfter : null, true, false);
        }

        @Override
        public Verdict verdict(boolean ofList) {
            return costsAttempt
                    ? new Verdict.Retry(trouble, retryAfter, isCountedByTenant(ofList))
                    : new Verdict.QuotaSpent(retryAfter, !ofList);
        }
    }

    /** The access token was refused. */
    record TokenRefused(Credential used, Outcome.Failed whenRefusedAgain) implements CallResult {

        @Override
        public TokenRefused askedAt(long instant) {
            return new TokenRefused(used, whenRefusedAgain.withAskedAt(instant));
        }

        @Override
        public Verdict verdict(boolean ofList) {
            return Verdict.TOKEN_REFUSED;
        }
    }

    /**
     * Perhaps not JTL that answered: the key's fault only if other keys get proper answers.
     *
     * @param came      what was answered and by whom, as {@link AnswerDescription} says it; null when the failure does
     * @param mayBeOwn  whether a few such answers in a row are the keys' fault even if no other key passes
     */
    record Misrouted(Outcome.Failed whenOthersPass, String came, boolean mayBeOwn) implements CallResult {

        @Override
        public Misrouted askedAt(long instant) {
            return new Misrouted(whenOthersPass.withAskedAt(instant), came, mayBeOwn);
        }
    }

    /**
     * JTL refuses for want of a licence, a permission or the like, which a person has to mend: all keys of the tenant,
     * unless others pass.
     *
     * @param message for people, where it concerns all
     */
    record Refused(Outcome.Failed whenOthersPass, String message) implements CallResult {

        @Override
        public Refused askedAt(long instant) {
            return new Refused(whenOthersPass.withAskedAt(instant), message);
        }
    }

    /** The server is not trusted, until a person acts. */
    record Untrusted(String message) implements CallResult {}

    /** There was no call, or it failed in a way that nobody foresaw: no key can continue. */
    record Halt(ProcessingHaltedException reason) implements CallResult {}
}
