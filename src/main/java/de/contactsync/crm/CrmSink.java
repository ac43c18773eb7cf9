package de.contactsync.crm;

import de.contactsync.contact.Delivery;
import de.contactsync.contact.DeliveryBatch;
import de.contactsync.contact.HaltException;
import de.contactsync.contact.Outcome;
import de.contactsync.contact.Reason;
import de.contactsync.contact.Receipt;
import de.contactsync.contact.SentBatch;
import de.contactsync.outage.OutageException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends batches so that one bad record costs no other: what the CRM refuses as a whole is halved down to the record that
 * it means. What would be refused anyway is not sent. Used by one thread.
 */
public final class CrmSink {

    private static final Logger LOG = LoggerFactory.getLogger(CrmSink.class);

    private final Crm crm;
    private boolean prepared;

    public CrmSink(Crm crm) {
        this.crm = crm;
    }

    public int batchSize() {
        return crm.batchSize();
    }

    /** As {@link Crm#prepare}, once. */
    public void prepare() {
        if (!prepared) {
            crm.prepare();
            prepared = true;
        }
    }

    /** When the CRM goes out of reach meanwhile, what has not been answered stays unsent. */
    public SentBatch send(DeliveryBatch batch) {
        List<Delivery> deliveries = batch.deliveries();
        Receipt[] receipts = new Receipt[deliveries.size()];
        Arrays.fill(receipts, new Receipt.Unsent());
        // The last of several with one id, which is the newest, goes for all of them.
        Map<String, Integer> last = new LinkedHashMap<>();
        List<Integer> gone = new ArrayList<>();
        for (int i = 0; i < receipts.length; i++) {
            if (deliveries.get(i).gone()) {
                gone.add(i);
                continue;
            }
            String unfit = crm.unfit(crm.fields(deliveries.get(i)));
            if (unfit == null) {
                last.remove(crm.id(deliveries.get(i)));
                last.put(crm.id(deliveries.get(i)), i);
            } else {
                receipts[i] = new Receipt.Refused(
                        new Outcome.Failed(Reason.SINK_REJECTED, null, null, unfit, null, 1));
            }
        }
        try {
            if (!last.isEmpty()) {
                prepare();
                send(batch, List.copyOf(last.values()), receipts);
            }
            for (int i : gone) {
                prepare();
                receipts[i] = crm.takeBack(deliveries.get(i), batch.ends());
            }
        } catch (HaltException e) {
            if (!(e instanceof OutageException)) {
                // Of an outage its breaker tells.
                LOG.warn("Not all of a batch could be sent, the rest stays pending: {}", e.getMessage());
            }
        }
        for (int i = 0; i < receipts.length; i++) {
            Integer sent = last.get(crm.id(deliveries.get(i)));
            if (sent != null && !deliveries.get(i).gone() && !(receipts[i] instanceof Receipt.Refused)) {
                receipts[i] = receipts[sent];
            }
        }
        return new SentBatch(batch, List.of(receipts));
    }

    private void send(DeliveryBatch batch, List<Integer> part, Receipt[] receipts) {
        List<Receipt> answers = crm.upsert(part.stream().map(batch.deliveries()::get).toList(), batch.ends());
        List<Integer> open = new ArrayList<>();
        for (int i = 0; i < part.size(); i++) {
            receipts[part.get(i)] = answers.get(i);
            if (answers.get(i) instanceof Receipt.Unsent) {
                open.add(part.get(i));
            }
        }
        if (part.size() == 1 || open.isEmpty()) {
            return;
        }
        // Where some got through, the rest is a smaller call already.
        int half = open.size() < part.size() ? open.size() : open.size() / 2;
        send(batch, open.subList(0, half), receipts);
        if (half < open.size()) {
            send(batch, open.subList(half, open.size()), receipts);
        }
    }
}
