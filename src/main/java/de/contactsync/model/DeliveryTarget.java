package de.contactsync.model;

import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a sink delivers into. What is known of its records, their ids above all, holds for this target and no other.
 *
 * @param kind    such as {@code hubspot}
 * @param baseUrl where it is called
 * @param account by which the target names itself, such as HubSpot's portal id; null when it names none
 * @param object  that contacts become there; null when there is only one
 * @param calls   digests of what is fixed in the calls that write, which may name a database, by what people call them;
 *        empty when nobody wrote them down, or no setting says how they look
 */
public record DeliveryTarget(String kind, String baseUrl, String account, String object, Map<String, String> calls) {

    /** Whose calls no setting describes. */
    public DeliveryTarget(String kind, String baseUrl, String account, String object) {
        this(kind, baseUrl, account, object, Map.of());
    }

    /** Whether it is another than {@code known}: by its account where both have one, since addresses change. */
    public boolean isOtherThan(DeliveryTarget known) {
        boolean named = account != null && known.account != null;
        return !kind.equals(known.kind)
                || !Objects.equals(object, known.object)
                || (named ? !account.equals(known.account) : !baseUrl.equals(known.baseUrl))
                || !changedCalls(known).isEmpty();
    }

    /** Those that both have, and not alike. */
    public Set<String> changedCalls(DeliveryTarget known) {
        Set<String> changed = new TreeSet<>(calls.keySet());
        changed.removeIf(call -> calls.get(call).equals(known.calls.getOrDefault(call, calls.get(call))));
        return changed;
    }

    /** For people. */
    @Override
    public String toString() {
        return kind + " at " + baseUrl + (account == null ? "" : ", account " + account)
                + (object == null ? "" : ", " + object);
    }
}
