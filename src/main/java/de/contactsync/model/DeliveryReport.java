package de.contactsync.model;

import java.util.List;
import java.util.Set;

/**
 * @param receipts one for each of the deliveries, in their order
 * @param setAside of those that stay pending: what the sink failed on, so that others are tried before them
 */
public record DeliveryReport(DeliveryBatch batch, List<DeliveryResult> receipts, Set<Delivery> setAside) {

    public DeliveryReport(DeliveryBatch batch, List<DeliveryResult> receipts) {
        this(batch, receipts, Set.of());
    }

    public DeliveryReport {
        receipts = List.copyOf(receipts);
        setAside = Set.copyOf(setAside);
        if (receipts.size() != batch.deliveries().size()) {
            throw new IllegalArgumentException(
                    receipts.size() + " receipts for " + batch.deliveries().size() + " deliveries");
        }
    }

    @Override
    public String toString() {
        return "Sent" + batch;
    }
}
