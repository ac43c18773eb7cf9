package de.contactsync.jtl;

import de.contactsync.contact.ContactKey;
import de.contactsync.contact.HaltException;
import de.contactsync.contact.KeyEntry;
import de.contactsync.contact.KeyPage;
import de.contactsync.contact.Outcome;
import de.contactsync.contact.Reason;
import de.contactsync.jtl.CustomerContacts.Customer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Goes through JTL's customers, page by page, and lists the contacts of each. */
public final class CustomerWalk {

    private final JtlCalls calls;

    public CustomerWalk(JtlCalls calls) {
        this.calls = calls;
    }

    /**
     * The contacts of a page of customers; in the place of those of a customer whose list cannot be had, what is wrong.
     *
     * @param number of the page, from 1
     * @param behind position in front of the first
     * @throws HaltException when it cannot be had now; {@link de.contactsync.outage.OutageException} when that passes
     */
    public KeyPage page(UUID tenantId, int number, long behind) {
        Answer answer = calls.askList(new CustomersPage(tenantId, number), tenantId).await();
        if (!(answer instanceof Answer.Customers customers)) {
            throw new HaltException("JTL's customers cannot be listed: " + trouble(answer));
        }
        List<AwaitedQuestion> lists = customers.ids().stream()
                .map(id -> calls.askList(CustomerContacts.allOf(new Customer(tenantId, id)), tenantId))
                .toList();
        List<KeyEntry> entries = new ArrayList<>();
        for (int i = 0; i < lists.size(); i++) {
            UUID customerId = customers.ids().get(i);
            Answer contacts = lists.get(i).await();
            if (contacts instanceof Answer.Listed listed) {
                for (Map.Entry<UUID, Outcome> contact : listed.outcomes().entrySet()) {
                    ContactKey key = new ContactKey(tenantId, customerId, contact.getKey());
                    entries.add(new KeyEntry.Valid(++behind, key));
                    if (contact.getValue() instanceof Outcome.Found found) {
                        calls.heard().hear(key, found);
                    }
                }
            } else if (contacts instanceof Answer.NoList none) {
                throw new HaltException("JTL has no lists of customers' contacts (" + none.trouble()
                        + "), which contacts.timer.keys=customers needs: take the keys from elsewhere");
            } else {
                entries.add(new KeyEntry.Invalid(++behind, customerId.toString(),
                        "the contacts of this customer cannot be listed: " + trouble(contacts), reason(contacts)));
            }
        }
        return new KeyPage(entries, customers.last());
    }

    private static Reason reason(Answer answer) {
        return answer instanceof Answer.Final end && end.outcome() instanceof Outcome.Failed failed
                ? failed.reason()
                : Reason.RETRIES_EXHAUSTED;
    }

    private static String trouble(Answer answer) {
        return answer instanceof Answer.Final end && end.outcome() instanceof Outcome.Failed failed
                ? failed.errorMessage()
                : "unexpected answer";
    }
}
