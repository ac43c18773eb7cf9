package de.contactsync.simulator;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** Decides for each call of a contact, or of a list of them, whether it goes wrong. The first rule that fits counts. */
final class FaultPlan {

    private final List<Rule> rules;
    private final long seed;
    private final AtomicLong calls = new AtomicLong();

    /** @param at calls of which kind it decides of */
    FaultPlan(List<Fault> faults, Fault.Call at, long seed) {
        this.rules = faults.stream()
                .filter(fault -> fault.at() == at)
                .map(fault -> new Rule(fault, new ConcurrentHashMap<>()))
                .toList();
        this.seed = seed;
    }

    Optional<Fault.Effect> next(UUID id) {
        if (rules.isEmpty()) {
            return Optional.empty();
        }
        SeededRandom random = new SeededRandom(seed).with(calls.getAndIncrement());
        for (Rule rule : rules) {
            // Drawn even where the ids do not fit: the n-th rule always sees the n-th number of this call.
            boolean drawn = random.chance(rule.fault.share());
            if (drawn && rule.concerns(id) && rule.spend(id)) {
                return Optional.of(rule.fault.effect());
            }
        }
        return Optional.empty();
    }

    /** @param spent how often the fault has happened, per contact id, or customer id for lists */
    private record Rule(Fault fault, Map<UUID, Integer> spent) {

        boolean concerns(UUID id) {
            return fault.ids().isEmpty() || fault.ids().contains(id);
        }

        boolean spend(UUID id) {
            return fault.times() == 0 || spent.merge(id, 1, Integer::sum) <= fault.times();
        }
    }
}
