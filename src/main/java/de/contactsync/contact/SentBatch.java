package de.contactsync.contact;

import java.util.List;

/** @param receipts one for each of the deliveries, in their order */
public record SentBatch(DeliveryBatch batch, List<Receipt> receipts) {

    public SentBatch {
        receipts = List.copyOf(receipts);
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
