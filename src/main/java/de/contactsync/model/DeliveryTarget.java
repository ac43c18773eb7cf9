package de.contactsync.model;

import java.util.Objects;

/**
 * What a sink delivers into. What is known of its records, their ids above all, holds for this target and no other.
 *
 * @param kind    such as {@code hubspot}
 * @param baseUrl where it is called
 * @param account by which the target names itself, such as HubSpot's portal id; null when it tells none
 * @param object  that contacts become there; null when there is only one
 */
public record DeliveryTarget(String kind, String baseUrl, String account, String object) {

    /** Whether it is another than {@code known}: by its account where both tell it, since addresses change. */
    public boolean isOtherThan(DeliveryTarget known) {
        boolean told = account != null && known.account != null;
        return !kind.equals(known.kind)
                || !Objects.equals(object, known.object)
                || (told ? !account.equals(known.account) : !baseUrl.equals(known.baseUrl));
    }

    /** For people. */
    @Override
    public String toString() {
        return kind + " at " + baseUrl + (account == null ? "" : ", account " + account)
                + (object == null ? "" : ", " + object);
    }
}
