package de.contactsync.model;

import java.util.List;

/**
 * Deliveries that are sent together, oldest first; no contact is in it twice.
 *
 * @param ends when it must be recorded, as a {@link System#nanoTime} reading: from then on others may send the same
 */
public record DeliveryBatch(List<Delivery> deliveries, long ends) {

    public DeliveryBatch {
        deliveries = List.copyOf(deliveries);
    }

    /** Short, and without contacts: Camel logs what it hands to a bean. */
    @Override
    public String toString() {
        return "DeliveryBatch[" + deliveries.size() + "]";
    }
}
