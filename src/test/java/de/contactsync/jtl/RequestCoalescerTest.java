package de.contactsync.jtl;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.model.KeyEntry;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import de.contactsync.model.RunChunk;
import de.contactsync.resilience.TestBreakers;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RequestCoalescerTest {

    private static final int CUSTOMERS = 20;

    /** Once, some dozens of lists that JTL does not offer were asked for: their turn came while others were dropped. */
    @Test
    void no_list_that_waits_is_asked_for_any_more_from_the_failure_on_that_pauses_lists() {
        Tenants tenants = new Tenants(TestConnections.none(), TestBreakers.create(), null, Set::of);
        List<ContactListRequest> lists = new ArrayList<>();
        List<Boolean> mayStillBeAsked = new ArrayList<>();
        RequestCoalescer coalescer = new RequestCoalescer(tenants::get, request -> {
            if (request instanceof ContactListRequest list) {
                lists.add(list);
            } else {
                // A contact of the first list that was dropped: the turn of any other may come now.
                lists.stream().skip(1).map(list -> !list.isPaused()).forEach(mayStillBeAsked::add);
            }
        });
        List<KeyEntry> entries = new ArrayList<>();
        for (int customer = 0; customer < CUSTOMERS; customer++) {
            for (int contact = 0; contact < 2; contact++) {
                entries.add(new KeyEntry.Valid(entries.size(), FakeJtl.keysOf(customer, 2 * customer + contact)[0]));
            }
        }
        coalescer.request(new ChunkOutcomes(new RunChunk(1, 0, entries, 0), List.of()), 0);
        assertThat(lists).hasSize(CUSTOMERS);

        lists.get(0).body();
        Outcome.Failed refused = new Outcome.Failed(Reason.REJECTED, 405, null, "HTTP 405", null, 1);
        lists.get(0).end(new CallResult.ListFailed("HTTP 405", true, false, refused), 1);

        assertThat(mayStillBeAsked).isNotEmpty().containsOnly(false);
    }
}
