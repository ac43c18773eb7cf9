package de.contactsync.jtl;

import de.contactsync.jtl.CustomerContactsQuery.Customer;
import de.contactsync.model.ContactKey;
import de.contactsync.model.JtlId;
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
import java.util.Objects;
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

    /** So many pages in a row that cannot be read are the end, whatever JTL's count says. */
    private static final int MANY = 20;

    private static final int OK = 200;
    private static final Integer NOT_FOUND = 404;

    private final ContactLookupService calls;
    private volatile Customer lastListed;
    /** That the rest is about: runs of several tenants take turns. */
    private long run;

    private PageCycle pages = new PageCycle();
    /** The last page that could be read. */
    private CallResult.Customers lastRead;
    /** In a row. */
    private int lost;

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
        if (number == 1 || run != runId) {
            run = runId;
            pages = new PageCycle();
            lastRead = null;
            lost = 0;
        }
        CallResult result = ask(tenantId, number, parameter, since, true);
        if (!(result instanceof CallResult.Customers customers)) {
            return unread(result, tenantId, number, behind, listedBefore, parameter, since);
        }
        lastRead = customers;
        lost = 0;
        if (pages.closes(number, customers)) {
            String problem = "JTL returned the same customers for page " + number
                    + " as for an earlier page, so the list ends there and customers may be missing: check"
                    + " jtl.base-url and any proxy in between";
            LOG.error("{}", problem);
            KeyEntry end = new KeyEntry.Invalid(
                    behind + 1, "page " + number + of(tenantId), problem, Reason.CONTRACT_VIOLATION, OK, tenantId);
            return new KeyPage(List.of(end), true, 0, 0, customers.total(), true);
        }
        List<BlockingRequest> questions = customers.ids().stream()
                .map(id -> calls.requestList(CustomerContactsQuery.allOf(new Customer(tenantId, id)), tenantId, true))
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
                        JtlId.text(customerId),
                        "the contacts of this customer cannot be listed: " + trouble(lists.get(i)),
                        reason(lists.get(i)),
                        httpStatus(lists.get(i)),
                        tenantId));
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
                    OK,
                    tenantId));
        }
        boolean last = !anotherFollows(customers, listedBefore, pages.empty());
        return new KeyPage(entries, last, customers.size(), failed, customers.total(), false, customers.serverTime());
    }

    /** Tells the places of tenants apart. */
    private static String of(UUID tenantId) {
        return " of JTL's customers of tenant " + tenantId;
    }

    /**
     * A server may send fewer customers on a page than it was asked for, so what came is counted. Without any hint, and
     * where JTL counts fewer customers than it has sent, the list ends with an empty page; where JTL says that there
     * are more, with a few of them.
     *
     * @param empty pages without a customer in a row, with this one
     */
    private static boolean anotherFollows(CallResult.Customers page, long listedBefore, int empty) {
        long listed = listedBefore + page.size();
        boolean announced = Boolean.TRUE.equals(page.hasNext()) || page.total() > listed;
        boolean noHint = page.hasNext() == null && page.total() < listed;
        return page.size() == 0 ? announced && empty < FEW : announced || noHint;
    }

    /**
     * A page that cannot be had, while another one comes: it costs its customers, and the list goes on behind it. Not
     * where it is the one behind the last, for which some servers answer 404.
     */
    private KeyPage unread(
            CallResult result,
            UUID tenantId,
            int number,
            long behind,
            long listedBefore,
            String parameter,
            Instant since) {
        String trouble = trouble(result);
        if (number == 1 && parameter != null && reason(result) == Reason.REJECTED) {
            throw new RequestRefusedException("JTL's customers cannot be listed: " + trouble);
        }
        // When JTL is away, this one tells.
        if (!(ask(tenantId, number == 1 ? 2 : 1, parameter, since, false) instanceof CallResult.Customers)) {
            throw new ProcessingHaltedException("JTL's customers cannot be listed: " + trouble
                    + "; if that persists, set contacts.timer.keys to another source");
        }
        long total = lastRead == null ? -1 : lastRead.total();
        boolean announced = lastRead != null && Boolean.TRUE.equals(lastRead.hasNext());
        if (Objects.equals(httpStatus(result), NOT_FOUND) && lastRead != null && !announced && total <= listedBefore) {
            return new KeyPage(List.of(), true, 0, 0, total, false);
        }
        int size = lastRead == null || lastRead.size() == 0 ? CustomersPage.SIZE : lastRead.size();
        int missing = (int) Math.max(1, total > listedBefore ? Math.min(size, total - listedBefore) : size);
        lost++;
        boolean whole = total >= 0 && total <= listedBefore + missing;
        boolean brokenOff = !whole && lost >= (total < 0 ? FEW : MANY);
        String where = "page " + number + of(tenantId);
        String problem = where + " cannot be read, so about " + missing + " customers are missing"
                + (brokenOff ? ", and all those on further pages" : "") + ": " + trouble;
        LOG.error("{}", problem);
        KeyEntry page = new KeyEntry.Invalid(behind + 1, where, problem, reason(result), httpStatus(result), tenantId);
        return new KeyPage(List.of(page), whole || brokenOff, missing, missing, total, brokenOff);
    }

    private CallResult ask(UUID tenantId, int number, String parameter, Instant since, boolean failsAlone) {
        String filter = parameter == null ? null : parameter + "=" + since.truncatedTo(ChronoUnit.SECONDS);
        return calls.requestList(new CustomersPage(tenantId, number, filter), tenantId, failsAlone)
                .await();
    }

    /** The customers that have changed since then, without their contacts. */
    public Set<UUID> changed(UUID tenantId, String parameter, Instant since) {
        Set<UUID> changed = new HashSet<>();
        long listed = 0;
        PageCycle pages = new PageCycle();
        for (int number = 1; ; number++) {
            CallResult result = ask(tenantId, number, parameter, since, false);
            if (!(result instanceof CallResult.Customers page)) {
                throw new ProcessingHaltedException("JTL's customers cannot be listed: " + trouble(result));
            }
            changed.addAll(page.ids());
            if (pages.closes(number, page) || !anotherFollows(page, listed, pages.empty())) {
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
                    + "), which contacts.timer.keys=customers requires: set contacts.timer.keys to another source");
        }
        if (failures.size() >= FEW || first.why().reason() == Reason.RETRIES_EXHAUSTED && first.outage()) {
            throw new ProcessingHaltedException("JTL lists the contacts of none of its customers (" + first.trouble()
                    + "), which contacts.timer.keys=customers requires; if that persists, set contacts.timer.keys to"
                    + " another source");
        }
    }

    private boolean anotherListPasses() {
        Customer known = lastListed;
        if (known == null) {
            return false;
        }
        CallResult result = calls.requestList(CustomerContactsQuery.allOf(known), known.tenantId(), true)
                .await();
        return result instanceof CallResult.Listed || result instanceof CallResult.ListNotFound;
    }

    private static Reason reason(CallResult result) {
        Outcome.Failed why = why(result);
        return why == null ? Reason.RETRIES_EXHAUSTED : why.reason();
    }

    private static Integer httpStatus(CallResult result) {
        Outcome.Failed why = why(result);
        return why == null ? null : why.httpStatus();
    }

    private static String trouble(CallResult result) {
        Outcome.Failed why = why(result);
        return why == null ? "unexpected answer" : why.errorMessage();
    }

    /** Null for what is no failure. */
    private static Outcome.Failed why(CallResult result) {
        return result instanceof CallResult.ListNotFound unknown
                ? unknown.why()
                : result instanceof CallResult.ListFailed failure
                        ? failure.why()
                        : result instanceof CallResult.Final end && end.outcome() instanceof Outcome.Failed failed
                                ? failed
                                : null;
    }
}
