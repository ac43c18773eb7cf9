package de.contactsync.jtl;

import de.contactsync.resilience.Breaker;
import de.contactsync.resilience.RateLimitedQueue;
import java.time.Duration;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * What the calls of one tenant have in common: its quotas, whether it has lists, whether its JTL-Wawi is in reach, and
 * since when it answers or fails. Thread-safe.
 */
final class TenantState {

    private static final Duration OF_PROBE = Duration.ofSeconds(1);

    private final CallsInFlight inFlight = new CallsInFlight();
    /** Apart: that no list is answered says nothing of the tenant. */
    private final CallsInFlight listsInFlight = new CallsInFlight();

    private final FailureEvidence evidence = new FailureEvidence();
    private final UUID id;
    private final JtlConnection connection;
    private final RateLimitedQueue queue;
    private final RateLimitedQueue listLane;
    private final ListPause lists = new ListPause();
    private final Breaker breaker;

    TenantState(UUID id, JtlConnection connection, RateLimitedQueue queue, RateLimitedQueue listLane, Breaker breaker) {
        this.id = id;
        this.connection = connection;
        this.queue = queue;
        this.listLane = listLane;
        this.breaker = breaker;
    }

    UUID id() {
        return id;
    }

    /** By which its calls go. */
    JtlConnection connection() {
        return connection;
    }

    Breaker breaker() {
        return breaker;
    }

    RateLimitedQueue queue() {
        return queue;
    }

    /** For lists of contacts: JTL counts some of its calls apart from the others. */
    RateLimitedQueue listLane() {
        return listLane;
    }

    Stream<RateLimitedQueue> lanes() {
        return Stream.of(queue, listLane);
    }

    ListPause lists() {
        return lists;
    }

    FailureEvidence evidence() {
        return evidence;
    }

    /** @param ofLists whether calls for lists are meant, whose failures say nothing of the tenant */
    CallsInFlight inFlight(boolean ofLists) {
        return ofLists ? listsInFlight : inFlight;
    }

    void began(CallInFlight call) {
        inFlight(call.isList()).began(call);
    }

    void ended(CallInFlight call, boolean answered) {
        CallsInFlight ofKind = inFlight(call.isList());
        ofKind.ended(call);
        if (!call.isList() && inFlight.isEmpty()) {
            breaker.noneUnderWay();
        }
        if (answered) {
            long now = System.nanoTime();
            ofKind.answeredAfter(now - call.began());
            ofKind.sign(now);
            inFlight.sign(now);
        }
    }

    /**
     * For how long no single call may be answered before that is an outage, and no list before lists are given up; a
     * probe goes on all the same.
     */
    Duration patience(boolean ofLists, Duration least) {
        if (!ofLists && breaker.isProbing()) {
            return least.compareTo(OF_PROBE) < 0 ? least : OF_PROBE;
        }
        return inFlight(ofLists).patience(least);
    }
}
