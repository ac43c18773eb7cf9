package de.contactsync.jtl;

import de.contactsync.contact.ContactKey;
import de.contactsync.contact.HaltException;
import de.contactsync.contact.Outcome;
import de.contactsync.jtl.CustomerContacts.Customer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Several contacts of one customer, asked for by one call. When no list comes of it, each is asked for by itself: what
 * is wrong with the list need not be wrong with them.
 */
final class ListQuestion implements Question {

    private final Customer customer;
    private final ContactKey first;
    private final TenantState tenant;
    private final Questions questions;
    private List<ContactQuestion> contacts;
    private boolean closed;

    ListQuestion(Customer customer, TenantState tenant, List<ContactQuestion> contacts, Questions questions) {
        this.customer = customer;
        this.first = contacts.get(0).key();
        this.tenant = tenant;
        this.contacts = new ArrayList<>(contacts);
        this.questions = questions;
    }

    Customer customer() {
        return customer;
    }

    /** Looks for these too. False when it comes too late, because the call has been made. */
    synchronized boolean join(List<ContactQuestion> more) {
        return !closed && contacts.addAll(more);
    }

    @Override
    public TenantState tenant() {
        return tenant;
    }

    @Override
    public CallDispatcher.Lane lane() {
        return tenant.listLane();
    }

    @Override
    public CustomerContacts body() {
        List<ContactQuestion> all = close();
        all.forEach(ContactQuestion::begin);
        return new CustomerContacts(customer, all.stream()
                .map(contact -> contact.key().contactId())
                .collect(Collectors.toSet()));
    }

    @Override
    public ContactKey key() {
        return first;
    }

    @Override
    public boolean isOver() {
        synchronized (this) {
            for (ContactQuestion contact : contacts) {
                if (!contact.isOver()) {
                    return false;
                }
            }
            closed = true;
        }
        questions.closed(this);
        return true;
    }

    @Override
    public boolean failsAlone() {
        return true;
    }

    @Override
    public void end(Answer.Conclusive answer, int attempts) {
        if (answer instanceof Answer.Listed listed) {
            for (ContactQuestion contact : close()) {
                Outcome outcome = listed.outcomes().get(contact.key().contactId());
                if (outcome == null) {
                    questions.submit(contact);
                } else {
                    contact.end(outcome, attempts);
                }
            }
        } else if (answer instanceof Answer.ListFailed failure) {
            questions.failed(this, failure);
        } else {
            askOneByOne();
        }
    }

    void askOneByOne() {
        close().forEach(questions::submit);
    }

    /** Unless the call has been made: that one comes to its own end. */
    void giveUp() {
        List<ContactQuestion> left;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            left = contacts;
            // Nothing is left to wait for, so the call will not be made.
            contacts = List.of();
        }
        questions.closed(this);
        left.forEach(questions::submit);
    }

    @Override
    public void halt(HaltException reason) {
        close().forEach(contact -> contact.halt(reason));
    }

    @Override
    public void suspect(
            Outcome.Failed failed,
            Predicate<CompletableFuture<HaltException>> othersPass,
            Supplier<HaltException> concernsAll) {
        askOneByOne();
    }

    private List<ContactQuestion> close() {
        List<ContactQuestion> all;
        synchronized (this) {
            closed = true;
            all = contacts;
        }
        questions.closed(this);
        return all;
    }

    @Override
    public String toString() {
        return "contacts of " + customer;
    }
}
