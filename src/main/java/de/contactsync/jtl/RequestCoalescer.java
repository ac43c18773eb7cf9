package de.contactsync.jtl;

import de.contactsync.jtl.CustomerContactsQuery.Customer;
import de.contactsync.model.ContactKey;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.ProcessingHaltedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is being asked at this moment. Chunks that want the same contact share a call that has not begun yet, and where
 * a chunk wants several contacts of one customer, they are fetched together.
 */
final class RequestCoalescer {

    private static final Logger LOG = LoggerFactory.getLogger(RequestCoalescer.class);

    private final Function<UUID, TenantState> tenants;
    private final Consumer<LookupRequest> submit;
    /** Those whose call has not begun yet. */
    private final Map<ContactKey, ContactRequest> contacts = new ConcurrentHashMap<>();

    private final Set<ContactRequest> open = ConcurrentHashMap.newKeySet();
    private final Set<BlockingRequest> blocking = ConcurrentHashMap.newKeySet();
    /** Those whose call has not been made yet. */
    private final Map<Customer, ContactListRequest> lists = new ConcurrentHashMap<>();
    /** Those whose call was refused for the quota and waits to be made again. */
    private final Set<ContactListRequest> refused = ConcurrentHashMap.newKeySet();

    /**
     * @param submit   sees to it that the request's call is made
     */
    RequestCoalescer(Function<UUID, TenantState> tenants, Consumer<LookupRequest> submit) {
        this.tenants = tenants;
        this.submit = submit;
    }

    /**
     * Sees to an outcome for each key of a chunk that has none yet.
     *
     * @param first index of the entry to begin with
     */
    void request(ChunkOutcomes chunk, int first) {
        List<KeyEntry> entries = chunk.chunk().entries();
        Map<Customer, List<ContactRequest>> byCustomer = new LinkedHashMap<>();
        for (int n = 0; n < entries.size(); n++) {
            int i = (first + n) % entries.size();
            if (entries.get(i) instanceof KeyEntry.Valid valid && !chunk.isKnown(i)) {
                ContactKey key = valid.key();
                ContactRequest mine = new ContactRequest(key, tenants.apply(key.tenantId()), chunk, i, this);
                int index = i;
                if (contacts.merge(key, mine, (asked, own) -> asked.join(chunk, index) ? asked : own) == mine) {
                    open.add(mine);
                    byCustomer
                            .computeIfAbsent(Customer.of(key), customer -> new ArrayList<>(1))
                            .add(mine);
                }
            }
        }
        byCustomer.forEach(this::request);
    }

    private void request(Customer customer, List<ContactRequest> wanted) {
        TenantState tenant = wanted.get(0).tenant();
        int pauses = tenant.lists().pauses();
        if (!tenant.connection().settings().bulkRead()
                || !tenant.lists().mayBeAsked(tenant.breaker().now())) {
            wanted.forEach(submit);
            return;
        }
        ContactListRequest waiting = lists.get(customer);
        if (waiting != null && waiting.join(wanted)) {
            return;
        }
        if (wanted.size() == 1) {
            submit.accept(wanted.get(0));
        } else {
            ContactListRequest list = new ContactListRequest(customer, tenant, wanted, this, pauses);
            lists.put(customer, list);
            submit.accept(list);
        }
    }

    BlockingRequest request(BlockingRequest list) {
        blocking.removeIf(BlockingRequest::isOver);
        blocking.add(list);
        submit.accept(list);
        return list;
    }

    /** Ends all that is asked of a tenant, without an outcome. */
    void halt(TenantState tenant, ProcessingHaltedException reason) {
        Stream.concat(open.stream(), blocking.stream())
                .filter(request -> request.tenant() == tenant)
                .forEach(request -> request.halt(reason));
    }

    /** Ends all lists that a thread waits for. */
    void haltBlocking(ProcessingHaltedException reason) {
        blocking.forEach(list -> list.halt(reason));
    }

    /** Those with contacts that have no outcome yet. */
    Set<TenantState> tenants() {
        return open.stream().map(ContactRequest::tenant).collect(Collectors.toSet());
    }

    /** Contacts that have no outcome yet. */
    int open() {
        return open.size();
    }

    void submit(LookupRequest request) {
        submit.accept(request);
    }

    /** Nobody can join it any more. */
    void begun(ContactRequest contact) {
        contacts.remove(contact.key(), contact);
    }

    void closed(ContactRequest contact) {
        begun(contact);
        open.remove(contact);
    }

    void closed(ContactListRequest list) {
        lists.remove(list.customer(), list);
        refused.remove(list);
    }

    void waitsForQuota(ContactListRequest list) {
        refused.add(list);
        if (list.isPaused()) {
            list.abandon();
        }
    }

    /** Its contacts are fetched one by one; after a few failures in a row, so are those of all further lists. */
    void failed(ContactListRequest list, CallResult.ListFailed failure) {
        TenantState tenant = list.tenant();
        Duration pause = tenant.lists().failed(tenant.breaker().now(), failure.notOffered());
        if (pause != null) {
            // Before anything that takes time: those that wait for their turn would be asked meanwhile.
            Stream.concat(lists.values().stream(), refused.stream())
                    .filter(other -> other.tenant() == tenant)
                    .forEach(ContactListRequest::abandon);
            LOG.warn(
                    "The lists of customers' contacts of tenant {} fail ({}): contacts are fetched individually"
                            + " instead, which takes more calls; lists are tried again in {} min",
                    tenant.id(),
                    failure.trouble(),
                    pause.toMinutes());
        } else {
            LOG.debug("The list of the contacts of {} failed: {}", list.customer(), failure.trouble());
        }
        list.fallBackToSingleCalls();
    }
}
