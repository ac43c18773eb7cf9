package de.contactsync.simulator;

import io.vertx.core.buffer.Buffer;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;

/** Counts while the simulator runs; may be read by any thread. */
final class CallCounters {

    private final LongAdder tokenRequests = new LongAdder();
    private final LongAdder contactRequests = new LongAdder();
    private final LongAdder listRequests = new LongAdder();
    private final LongAdder faults = new LongAdder();

    /** By HTTP status; 0 is no answer. */
    private final AtomicLongArray statuses = new AtomicLongArray(600);

    private final boolean countKeys;
    private final Map<RequestedKey, Integer> calls = new ConcurrentHashMap<>();

    CallCounters(boolean countKeys) {
        this.countKeys = countKeys;
    }

    void tokenRequest() {
        tokenRequests.increment();
    }

    void contactCall(Optional<UUID> customerId, Optional<UUID> contactId) {
        contactRequests.increment();
        if (countKeys && customerId.isPresent() && contactId.isPresent()) {
            calls.merge(new RequestedKey(customerId.get(), contactId.get()), 1, Integer::sum);
        }
    }

    void listCall() {
        listRequests.increment();
    }

    void fault() {
        faults.increment();
    }

    void answered(int status) {
        statuses.incrementAndGet(status);
    }

    int calls(RequestedKey key) {
        requireKeys();
        return calls.getOrDefault(key, 0);
    }

    Map<RequestedKey, Integer> askedAgain() {
        requireKeys();
        return again();
    }

    SimulatorStats stats() {
        SortedMap<Integer, Long> byStatus = new TreeMap<>();
        for (int status = 1; status < statuses.length(); status++) {
            if (statuses.get(status) > 0) {
                byStatus.put(status, statuses.get(status));
            }
        }
        return new SimulatorStats(
                tokenRequests.sum(),
                contactRequests.sum(),
                listRequests.sum(),
                byStatus,
                statuses.get(0),
                faults.sum(),
                calls.size(),
                calls.values().stream().filter(count -> count > 1).count());
    }

    Buffer json(boolean withKeys) {
        SimulatorStats stats = stats();
        return Json.write(json -> {
            json.writeStartObject();
            json.writeNumberField("tokenRequests", stats.tokenRequests());
            json.writeNumberField("contactRequests", stats.contactRequests());
            json.writeNumberField("listRequests", stats.listRequests());
            json.writeObjectFieldStart("statuses");
            for (Map.Entry<Integer, Long> status : stats.statuses().entrySet()) {
                json.writeNumberField(status.getKey().toString(), status.getValue());
            }
            json.writeEndObject();
            json.writeNumberField("unanswered", stats.unanswered());
            json.writeNumberField("faults", stats.faults());
            if (countKeys) {
                json.writeNumberField("keysAsked", stats.keysAsked());
                json.writeNumberField("keysAskedAgain", stats.keysAskedAgain());
            }
            if (countKeys && withKeys) {
                json.writeArrayFieldStart("askedAgain");
                for (Map.Entry<RequestedKey, Integer> again : again().entrySet()) {
                    json.writeStartObject();
                    json.writeStringField(
                            "customerId", again.getKey().customerId().toString());
                    json.writeStringField(
                            "contactId", again.getKey().contactId().toString());
                    json.writeNumberField("calls", again.getValue());
                    json.writeEndObject();
                }
                json.writeEndArray();
            }
            json.writeEndObject();
        });
    }

    private Map<RequestedKey, Integer> again() {
        return calls.entrySet().stream()
                .filter(entry -> entry.getValue() > 1)
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private void requireKeys() {
        if (!countKeys) {
            throw new IllegalStateException("the simulator was started without countKeys");
        }
    }
}
