package de.contactsync.jtl;

import de.contactsync.jtl.CustomerContactsQuery.Customer;
import de.contactsync.model.ContactKey;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.KeyPage;
import de.contactsync.model.Outcome;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.Reason;
import de.contactsync.model.RequestRefusedException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Goes through JTL's customers, page by page, and lists the contacts of each. A customer whose list fails costs only
 * itself as long as lists of others come; when none does, the walk halts, and other sources of keys continue.
 */
public final class CustomerPager {

    private static final Logger LOG = LoggerFactory.getLogger(CustomerPager.class);

    /** So many customers without one list are no coincidence. */
    private static final int FEW = 3;

    private static final int OK = 200;

    private final ContactLookupService calls;
    private volatile Customer lastListed;
    private final PageCycle pages = new PageCycle();

    public CustomerPager(ContactLookupService calls) {
        this.calls = calls;
    }

    /**
     * The contacts of a page of customers; in the place of those of a customer whose list cannot be had, what is wrong.
     *
     * @param runId        the run that the contacts are for
     * @param number       of the page, from 1
     * @param behind       position in front of the first
     * @param listedBefore customers on the pages before
     * @param parameter    that names customers which have changed since then; null: all customers
     * @throws ProcessingHaltedException when it cannot be had now; {@link de.contactsync.resilience.OutageException}
     *        when that passes
     */
    public KeyPage page(
            long runId, UUID tenantId, int number, long behind, long listedBefore, String parameter, Instant since) {
        CallResult.Customers customers = customers(tenantId, number, parameter, since);
        if (pages.closes(number, customers)) {
            String problem = "JTL sends the same customers for page " + number + " as for a page before, so the list"
                    + " ends there: customers may be missing; check jtl.base-url and what stands in between";
            LOG.error("{}", problem);
            KeyEntry end = new KeyEntry.Invalid(
                    behind + 1, "page " + number + of(tenantId), problem, Reason.CONTRACT_VIOLATION, OK);
            return new KeyPage(List.of(end), true, 0, 0, customers.total(), true);
        }
        List<BlockingRequest> questions = customers.ids().stream()
                .map(id -> calls.requestList(CustomerContactsQuery.allOf(new Customer(tenantId, id)), tenantId))
                .toList();
        List<CallResult> lists = new ArrayList<>();
        questions.forEach(question -> lists.add(question.await()));
        requireLists(lists);
        List<KeyEntry> entries = new ArrayList<>();
        int failed = customers.unusable().size();
        for (int i = 0; i < lists.size(); i++) {
            UUID customerId = customers.ids().get(i);
            if (lists.get(i) instanceof CallResult.Listed listed) {
                lastListed = new Customer(tenantId, customerId);
                for (Map.Entry<UUID, Outcome> contact : listed.outcomes().entrySet()) {
                    ContactKey key = new ContactKey(tenantId, customerId, contact.getKey());
                    entries.add(new KeyEntry.Valid(++behind, key));
                    if (contact.getValue() instanceof Outcome.Found found) {
                        calls.prefetched().put(runId, key, found);
                    }
                }
            } else {
                failed++;
                entries.add(new KeyEntry.Invalid(
                        ++behind,
                        customerId.toString(),
                        "the contacts of this customer cannot be listed: " + trouble(lists.get(i)),
                        reason(lists.get(i)),
                        httpStatus(lists.get(i))));
            }
        }
        for (int place : customers.unusable()) {
            String where = "page " + number + ", item " + place + of(tenantId);
            entries.add(new KeyEntry.Invalid(
                    ++behind,
                    where,
                    where + ", has no usable id, so its contacts cannot be listed: look in JTL-Wawi for a damaged"
                            + " customer, or report it to JTL",
                    Reason.CONTRACT_VIOLATION,
                    OK));
        }
        boolean last = !anotherFollows(customers, listedBefore);
        return new KeyPage(entries, last, customers.size(), failed, customers.total(), false, customers.serverTime());
    }

    /** Tells the places of tenants apart. */
    private static String of(UUID tenantId) {
        return " of JTL's customers of tenant " + tenantId;
    }

    /**
     * A server may send fewer customers on a page than it was asked for, so what came is counted. Without any hint, and
     * where JTL counts fewer customers than it has sent, the list ends with an empty page.
     */
    private static boolean anotherFollows(CallResult.Customers page, long listedBefore) {
        if (page.size() == 0) {
            return false;
        }
        long listed = listedBefore + page.size();
        boolean moreByNumber = page.total() > listed;
        boolean noHint = page.hasNext() == null && page.total() < listed;
        return Boolean.TRUE.equals(page.hasNext()) || moreByNumber || noHint;
    }

    private CallResult.Customers customers(UUID tenantId, int number, String parameter, Instant since) {
        String filter = parameter == null ? null : parameter + "=" + since.truncatedTo(ChronoUnit.SECONDS);
        CallResult result = calls.requestList(new CustomersPage(tenantId, number, filter), tenantId)
                .await();
        if (result instanceof CallResult.Customers customers) {
            return customers;
        }
        throw new RequestRefusedException("JTL's customers cannot be listed: " + trouble(result));
    }

    /** The customers that have changed since then, without their contacts. */
    public Set<UUID> changed(UUID tenantId, String parameter, Instant since) {
        Set<UUID> changed = new HashSet<>();
        long listed = 0;
        PageCycle pages = new PageCycle();
        for (int number = 1; ; number++) {
            CallResult.Customers page = customers(tenantId, number, parameter, since);
            changed.addAll(page.ids());
            if (pages.closes(number, page) || !anotherFollows(page, listed)) {
                return changed;
            }
            listed += page.size();
        }
    }

    /** @throws ProcessingHaltedException when it is not for single customers that their lists failed */
    private void requireLists(List<CallResult> lists) {
        List<CallResult.ListFailed> failures = lists.stream()
                .filter(CallResult.ListFailed.class::isInstance)
                .map(CallResult.ListFailed.class::cast)
                .toList();
        if (failures.isEmpty() || failures.size() < lists.size() || anotherListPasses()) {
            return;
        }
        CallResult.ListFailed first = failures.get(0);
        if (first.notOffered()) {
            throw new ProcessingHaltedException("JTL has no lists of customers' contacts (" + first.trouble()
                    + "), which contacts.timer.keys=customers needs: take the keys from elsewhere");
        }
        if (failures.size() >= FEW || first.why().reason() == Reason.RETRIES_EXHAUSTED && first.outage()) {
            throw new ProcessingHaltedException("JTL lists the contacts of none of its customers (" + first.trouble()
                    + "), which contacts.timer.keys=customers needs; if that lasts, take the keys from elsewhere");
        }
    }

    private boolean anotherListPasses() {
        Customer known = lastListed;
        if (known == null) {
            return false;
        }
        CallResult result = calls.requestList(CustomerContactsQuery.allOf(known), known.tenantId())
                .await();
        return result instanceof CallResult.Listed || result instanceof CallResult.ListNotFound;
    }

    private static Reason reason(CallResult result) {
        return result instanceof CallResult.ListFailed failure
                ? failure.why().reason()
                : result instanceof CallResult.ListNotFound unknown
                        ? unknown.why().reason()
                        : Reason.RETRIES_EXHAUSTED;
    }

    private static Integer httpStatus(CallResult result) {
        return result instanceof CallResult.ListFailed failure
                ? failure.why().httpStatus()
                : result instanceof CallResult.ListNotFound unknown
                        ? unknown.why().httpStatus()
                        : null;
    }

    private static String trouble(CallResult result) {
        if (result instanceof CallResult.ListNotFound unknown) {
            return unknown.why().errorMessage();
        }
        return result instanceof CallResult.ListFailed failure
                ? failure.why().errorMessage()
                : result instanceof CallResult.Final end && end.outcome() instanceof Outcome.Failed failed
                        ? failed.errorMessage()
                        : "unexpected answer";
    }
}
