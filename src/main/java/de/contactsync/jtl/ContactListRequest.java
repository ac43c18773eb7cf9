package de.contactsync.jtl;

import de.contactsync.jtl.CustomerContactsQuery.Customer;
import de.contactsync.model.ContactKey;
import de.contactsync.model.Outcome;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.resilience.RateLimitedQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Several contacts of one customer, asked for by one call. When no list comes of it, each is fetched by itself: what
 * is wrong with the list need not be wrong with them.
 */
final class ContactListRequest implements LookupRequest {

    private final Customer customer;
    private final ContactKey first;
    private final TenantState tenant;
    private final RequestCoalescer requestCoalescer;
    private final int pausesBefore;
    private List<ContactRequest> contacts;
    /** Nobody can join any more. */
    private boolean closed;
    /** It waits for no turn any more: its call has been made, or it is over. */
    private boolean called;

    /** @param pausesBefore those of the tenant's lists before this one was allowed */
    ContactListRequest(
            Customer customer,
            TenantState tenant,
            List<ContactRequest> contacts,
            RequestCoalescer requestCoalescer,
            int pausesBefore) {
        this.customer = customer;
        this.first = contacts.get(0).key();
        this.tenant = tenant;
        this.contacts = new ArrayList<>(contacts);
        this.requestCoalescer = requestCoalescer;
        this.pausesBefore = pausesBefore;
    }

    Customer customer() {
        return customer;
    }

    /** Looks for these too. False when it comes too late, because the call has been made. */
    synchronized boolean join(List<ContactRequest> more) {
        return !closed && contacts.addAll(more);
    }

    /** Whether lists have been paused since it was allowed: its turn may come before {@link #abandon} does. */
    boolean isPaused() {
        return tenant.lists().pausedSince(pausesBefore);
    }

    @Override
    public TenantState tenant() {
        return tenant;
    }

    @Override
    public RateLimitedQueue lane() {
        return tenant.listLane();
    }

    @Override
    public CustomerContactsQuery body() {
        List<ContactRequest> all = close();
        all.forEach(ContactRequest::begin);
        return new CustomerContactsQuery(
                customer, all.stream().map(contact -> contact.key().contactId()).collect(Collectors.toSet()));
    }

    @Override
    public ContactKey key() {
        return first;
    }

    @Override
    public boolean isOver() {
        synchronized (this) {
            for (ContactRequest contact : contacts) {
                if (!contact.isOver()) {
                    return false;
                }
            }
            closed = true;
        }
        requestCoalescer.closed(this);
        return true;
    }

    @Override
    public boolean failsAlone() {
        return true;
    }

    @Override
    public void end(CallResult.Conclusive answer, int attempts) {
        if (answer instanceof CallResult.Listed listed) {
            for (ContactRequest contact : close()) {
                Outcome outcome = listed.outcomes().get(contact.key().contactId());
                // A list proves neither that a contact is gone nor that it is broken.
                if (outcome instanceof Outcome.Found) {
                    contact.end(outcome, attempts);
                } else {
                    requestCoalescer.submit(contact);
                }
            }
        } else if (answer instanceof CallResult.ListFailed failure) {
            requestCoalescer.failed(this, failure);
        } else {
            fallBackToSingleCalls();
        }
    }

    void fallBackToSingleCalls() {
        close().forEach(requestCoalescer::submit);
    }

    /** Its call was refused for the quota and is to be made again. */
    void waitForQuota() {
        synchronized (this) {
            called = false;
        }
        requestCoalescer.waitsForQuota(this);
    }

    /** Unless the call has been made: that one comes to its own end. */
    void abandon() {
        List<ContactRequest> left;
        synchronized (this) {
            if (called) {
                return;
            }
            closed = true;
            called = true;
            left = contacts;
            // Nothing is left to wait for, so the call will not be made.
            contacts = List.of();
        }
        requestCoalescer.closed(this);
        left.forEach(requestCoalescer::submit);
    }

    @Override
    public void halt(ProcessingHaltedException reason) {
        close().forEach(contact -> contact.halt(reason));
    }

    @Override
    public void suspect(
            Outcome.Failed failed,
            Predicate<CompletableFuture<ProcessingHaltedException>> othersPass,
            Supplier<ProcessingHaltedException> concernsAll) {
        fallBackToSingleCalls();
    }

    private List<ContactRequest> close() {
        List<ContactRequest> all;
        synchronized (this) {
            closed = true;
            called = true;
            all = contacts;
        }
        requestCoalescer.closed(this);
        return all;
    }

    @Override
    public String toString() {
        return "contacts of " + customer;
    }
}
