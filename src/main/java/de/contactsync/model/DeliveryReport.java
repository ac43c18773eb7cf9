package de.contactsync.model;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * @param receipts one for each of the deliveries, in their order
 * @param setAside of those that stay pending: what the sink failed on, so that others are tried before them
 * @param fieldHashes of some that were accepted: what is to be known of single fields, see {@link Delivery#fieldHashes}
 */
public record DeliveryReport(
        DeliveryBatch batch, List<DeliveryResult> receipts, Set<Delivery> setAside, Map<Delivery, String> fieldHashes) {

    public DeliveryReport(DeliveryBatch batch, List<DeliveryResult> receipts) {
        this(batch, receipts, Set.of());
    }

    /** Of a sink that asks for nothing to be known of single fields. */
    public DeliveryReport(DeliveryBatch batch, List<DeliveryResult> receipts, Set<Delivery> setAside) {
        this(batch, receipts, setAside, Map.of());
    }

    public DeliveryReport {
        receipts = List.copyOf(receipts);
        setAside = Set.copyOf(setAside);
        fieldHashes = Map.copyOf(fieldHashes);
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
