package de.contactsync.jtl;

import de.contactsync.model.ContactKey;
import de.contactsync.model.Outcome;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.resilience.RateLimitedQueue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * What JTL is asked by one call, or by several one after the other, and who waits for the answer. Each ends once: by
 * {@link #end}, {@link #halt} or {@link #suspect}, or because nobody waits any more. Thread-safe.
 */
sealed interface LookupRequest permits ContactRequest, ContactListRequest, BlockingRequest {

    TenantState tenant();

    /** Where its calls wait for their turn. */
    RateLimitedQueue lane();

    /** What its route takes, as of now. */
    Object body();

    /** The contact, or one of those, that it is about; null when it is about none. */
    ContactKey key();

    /** Whether nobody waits for it. From then on nobody can begin to. */
    boolean isOver();

    /** Whether its failure says nothing of the tenant: a list then ends with {@link CallResult.ListFailed}. */
    boolean failsAlone();

    /** Whether it is a single call that fails alone. */
    default boolean isRecheck() {
        return false;
    }

    void end(CallResult.Conclusive answer, int attempts);

    /** A failure that concerns all keys. */
    void halt(ProcessingHaltedException reason);

    /**
     * A failure that is the key's own only if others pass.
     *
     * @param othersPass  asked at the end of each chunk that waits; given when that chunk is halted
     * @param concernsAll what halts such a chunk when they do not
     */
    void suspect(
            Outcome.Failed failed,
            Predicate<CompletableFuture<ProcessingHaltedException>> othersPass,
            Supplier<ProcessingHaltedException> concernsAll);
}
