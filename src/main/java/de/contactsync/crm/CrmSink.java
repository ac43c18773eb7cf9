package de.contactsync.crm;

import de.contactsync.crm.hubspot.HubSpotCrm;
import de.contactsync.crm.hubspot.HubSpotSettings;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.crm.rest.RestCrm;
import de.contactsync.crm.rest.RestSettings;
import de.contactsync.crm.salesforce.SalesforceCrm;
import de.contactsync.crm.salesforce.SalesforceSettings;
import de.contactsync.model.ContactKey;
import de.contactsync.model.CreateAttempts;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryBatch;
import de.contactsync.model.DeliveryReport;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.DeliveryTarget;
import de.contactsync.model.Outcome;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.Reason;
import de.contactsync.model.RecordOwners;
import de.contactsync.outbox.FailingRecords;
import de.contactsync.outbox.Presence;
import de.contactsync.resilience.OutageException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends batches so that one bad record costs no other: what the CRM refuses as a whole is halved down to the record
 * that it means. What would be refused anyway is not sent. Used by one thread.
 */
public final class CrmSink {

    private static final Logger LOG = LoggerFactory.getLogger(CrmSink.class);

    /** Tried of a batch that is refused as a whole while the CRM has taken nothing. */
    private static final int SAMPLE = 5;
    /** To halve a smaller one takes hardly more calls. */
    private static final int LEAST_SAMPLED = 10;

    private final CrmSettings settings;
    private final Mapping mapping;
    private final Crm crm;
    private final CrmClient calls;
    private final Function<DeliveryTarget, String> refusal;
    private final FailingRecords<ContactKey> failingRecords;
    private final RefusalBrake brake = new RefusalBrake();
    private final RemovalBrake removals = new RemovalBrake();
    private final RecordOwners owners;
    private boolean prepared;

    private CrmSink(
            CrmSettings settings,
            Mapping mapping,
            Crm crm,
            CrmClient calls,
            Function<DeliveryTarget, String> refusal,
            RecordOwners owners,
            FailingRecords<ContactKey> failingRecords) {
        this.owners = owners;
        this.failingRecords = failingRecords;
        this.settings = settings;
        this.mapping = mapping;
        this.crm = crm;
        this.calls = calls;
        this.refusal = refusal;
    }

    /** @param settings whose kind decides */
    public static CrmSink of(CrmSettings settings, CrmClient calls, Mapping mapping) {
        return of(
                settings,
                calls,
                mapping,
                target -> null,
                CreateAttempts.NONE,
                RecordOwners.NONE,
                CrmTimeouts.DEFAULT.patience());
    }

    /**
     * @param refusal  of a target that is not to be written to, with what to do; null for one that is
     * @param attempts for a CRM that does not find at once what it has created
     * @param owners   of the records that it has
     * @param patience as of {@link CrmTimeouts}
     */
    public static CrmSink of(
            CrmSettings settings,
            CrmClient calls,
            Mapping mapping,
            Function<DeliveryTarget, String> refusal,
            CreateAttempts attempts,
            RecordOwners owners,
            Duration patience) {
        return new CrmSink(
                settings,
                mapping,
                crm(settings, calls, mapping, attempts, owners),
                calls,
                refusal,
                owners,
                new FailingRecords<>(patience));
    }

    private static Crm crm(
            CrmSettings settings, CrmClient calls, Mapping mapping, CreateAttempts attempts, RecordOwners owners) {
        if (settings.kind() instanceof RestSettings rest) {
            return new RestCrm(calls, mapping, rest, settings.gone(), settings.missing(), attempts, owners);
        }
        if (settings.kind() instanceof SalesforceSettings salesforce) {
            return new SalesforceCrm(calls, mapping, salesforce, settings.gone(), settings.missing(), owners);
        }
        return new HubSpotCrm(
                calls, mapping, (HubSpotSettings) settings.kind(), settings.gone(), settings.missing(), owners);
    }

    public int batchSize() {
        return crm.batchSize();
    }

    /** As {@link Crm#prepare}, once, and not into a target that is refused. */
    public void prepare() {
        if (!prepared) {
            requireTarget();
            crm.prepare();
            prepared = true;
        }
    }

    /** As {@link Crm#tryOut}, and not at a target that is refused. */
    public CrmTrial tryOut() {
        requireTarget();
        return crm.tryOut();
    }

    private void requireTarget() {
        String why = refusal.apply(settings.target(crm.account()));
        if (why != null) {
            throw calls.halt(why);
        }
    }

    /** When the CRM goes unavailable meanwhile, what has not been answered stays unsent. */
    public DeliveryReport send(DeliveryBatch batch) {
        List<Delivery> deliveries = batch.deliveries();
        DeliveryResult[] receipts = new DeliveryResult[deliveries.size()];
        Arrays.fill(receipts, new DeliveryResult.Unsent());
        Map<Integer, CrmRecord> ready = new HashMap<>();
        // The last of several with one id, which is the newest, goes for all of them.
        Map<String, Integer> last = new LinkedHashMap<>();
        List<Integer> gone = new ArrayList<>();
        for (int i = 0; i < receipts.length; i++) {
            if (deliveries.get(i).gone()) {
                gone.add(i);
                continue;
            }
            CrmRecord record = outgoing(deliveries.get(i));
            String unfit = settings.kind().unfit(record.fields());
            if (unfit == null) {
                ready.put(i, record);
                last.remove(record.id());
                last.put(record.id(), i);
            } else {
                receipts[i] = new DeliveryResult.Refused(
                        new Outcome.Failed(Reason.SINK_REJECTED, null, null, unfit, null, 1));
            }
        }
        try {
            // First, in case a contact has meanwhile come back under another customer: it is the same record.
            String trouble = remove(deliveries, gone, batch.ends(), receipts);
            if (!last.isEmpty()) {
                prepare();
                List<Integer> all = List.copyOf(last.values());
                int first = brake.isOn() ? 1 : 0;
                if (first == 0 || isReleased(ready, all.get(0), batch.ends(), receipts)) {
                    send(ready, all.subList(first, all.size()), batch.ends(), receipts);
                }
            }
            if (trouble != null) {
                throw calls.halt(trouble);
            }
        } catch (ProcessingHaltedException e) {
            if (!(e instanceof OutageException)) {
                // Of an outage its breaker tells.
                LOG.warn("Not all of a batch could be sent, the rest stays pending: {}", e.getMessage());
            }
        }
        if (!brake.isOn()) {
            brake(List.copyOf(last.values()), receipts);
        }
        return settled(
                batch,
                receipts,
                i -> ready.containsKey(i) ? last.get(ready.get(i).id()) : i);
    }

    /** @return null, or why those that are left stay pending */
    private String remove(List<Delivery> deliveries, List<Integer> gone, long ends, DeliveryResult[] receipts) {
        for (int i : gone) {
            prepare();
            receipts[i] = crm.removeOrFlag(deliveries.get(i), ends);
            failingRecords.note(List.of(deliveries.get(i).key()), List.of(receipts[i]), calls.now());
            String trouble = removals.trouble(receipts[i], () -> isAnyVisible(ends));
            if (trouble != null) {
                gone.forEach(each -> receipts[each] = new DeliveryResult.Unsent());
                return trouble;
            }
        }
        return null;
    }

    private boolean isAnyVisible(long ends) {
        Delivery delivered = owners.anyDelivered();
        return delivered != null && crm.shows(delivered, ends);
    }

    /** @param sentFor whose result is that of a delivery: its own, or that of a newer one with the same id */
    private DeliveryReport settled(DeliveryBatch batch, DeliveryResult[] receipts, IntUnaryOperator sentFor) {
        List<Delivery> deliveries = batch.deliveries();
        Set<Delivery> failedOn = new HashSet<>();
        // Once at most.
        AtomicReference<Presence> seen = new AtomicReference<>();
        Supplier<Presence> probe = () -> seen.updateAndGet(known -> known == null ? probe(batch.ends()) : known);
        for (int i = 0; i < receipts.length; i++) {
            if (sentFor.applyAsInt(i) == i
                    && !failingRecords.isOwn(deliveries.get(i).key(), receipts[i], probe, calls.now())) {
                receipts[i] = new DeliveryResult.Unsent();
                failedOn.add(deliveries.get(i));
            }
        }
        for (int i = 0; i < receipts.length; i++) {
            int sent = sentFor.applyAsInt(i);
            receipts[i] = receipts[sent];
            if (failedOn.contains(deliveries.get(sent))) {
                failedOn.add(deliveries.get(i));
            }
        }
        return new DeliveryReport(batch, List.of(receipts), failedOn);
    }

    private Presence probe(long ends) {
        try {
            return crm.probe(ends);
        } catch (ProcessingHaltedException e) {
            LOG.debug("the CRM does not answer either when it is only asked", e);
            return Presence.FAILS;
        }
    }

    /** Whether one contact is not refused any longer for what all were refused for: a whole batch costs many calls. */
    private boolean isReleased(Map<Integer, CrmRecord> ready, int first, long ends, DeliveryResult[] receipts) {
        send(ready, List.of(first), ends, receipts);
        if (!(receipts[first] instanceof DeliveryResult.Unsent)) {
            brake(List.of(first), receipts);
        }
        return !brake.isOn();
    }

    /** What is refused because of the mapping stays pending. */
    private void brake(List<Integer> sent, DeliveryResult[] receipts) {
        String trouble = brake.trouble(sent.stream().map(i -> receipts[i]).toList());
        if (trouble != null) {
            // Its breaker reports it, and lets somebody look again later.
            calls.halt(trouble);
            sent.forEach(i -> receipts[i] = new DeliveryResult.Unsent());
        }
    }

    private CrmRecord outgoing(Delivery delivery) {
        return new CrmRecord(
                delivery,
                settings.kind().recordKey(delivery),
                mapping.map(delivery, settings.kind().nullHandling(), settings.gone()));
    }

    /** @param all which of those that are ready */
    private void send(Map<Integer, CrmRecord> ready, List<Integer> all, long ends, DeliveryResult[] receipts) {
        // Breadth first, so that all others get through before the time is over that a slow one takes.
        // Those that failed before by themselves: to halve a batch of them takes more calls than a breaker grants its
        // probes. For the same reason a call that is about none of them shows whether the CRM is back.
        Map<Boolean, List<Integer>> failedBefore = all.stream()
                .collect(Collectors.partitioningBy(
                        i -> failingRecords.contains(ready.get(i).delivery().key())));
        if (calls.isAway() && failingRecords.isAnySuspected()) {
            crm.probe(ends);
        }
        Deque<List<Integer>> parts = new ArrayDeque<>();
        if (!failedBefore.get(false).isEmpty()) {
            parts.add(failedBefore.get(false));
        }
        failedBefore.get(true).forEach(i -> parts.add(List.of(i)));
        boolean sampled = false;
        while (!parts.isEmpty()) {
            List<Integer> part = parts.poll();
            List<DeliveryResult> answers =
                    crm.upsert(part.stream().map(ready::get).toList(), ends);
            note(part.stream().map(i -> ready.get(i).delivery().key()).toList(), answers);
            brake.note(answers);
            List<Integer> open = new ArrayList<>();
            for (int i = 0; i < part.size(); i++) {
                receipts[part.get(i)] = answers.get(i);
                if (answers.get(i) instanceof DeliveryResult.Unsent) {
                    open.add(part.get(i));
                }
            }
            if (!sampled
                    && !calls.isInDoubt()
                    && open.size() == part.size()
                    && part.size() > LEAST_SAMPLED
                    && brake.isUndecided()) {
                sampled = true;
                open.removeAll(sample(ready, part, ends, receipts));
            }
            if (part.size() > 1 && !open.isEmpty()) {
                // Where some got through, the rest is a smaller call already.
                int half = open.size() < part.size() ? open.size() : open.size() / 2;
                parts.add(open.subList(0, half));
                if (half < open.size()) {
                    parts.add(open.subList(half, open.size()));
                }
            }
        }
    }

    /** Tries a few of a batch that was refused one by one. @return those that need not be sent again */
    private List<Integer> sample(
            Map<Integer, CrmRecord> ready, List<Integer> part, long ends, DeliveryResult[] receipts) {
        List<Integer> sample = IntStream.range(0, SAMPLE)
                .mapToObj(i -> part.get(i * (part.size() - 1) / (SAMPLE - 1)))
                .toList();
        List<Integer> settled = new ArrayList<>();
        for (int i : sample) {
            List<DeliveryResult> answer = crm.upsert(List.of(ready.get(i)), ends);
            note(List.of(ready.get(i).delivery().key()), answer);
            brake.note(answer);
            if (!(answer.get(0) instanceof DeliveryResult.Unsent)) {
                settled.add(i);
                receipts[i] = answer.get(0);
            }
            if (!(answer.get(0) instanceof DeliveryResult.Refused)) {
                return settled;
            }
        }
        String trouble =
                brake.troubleOfSample(sample.stream().map(i -> receipts[i]).toList(), part.size());
        if (trouble != null) {
            sample.forEach(i -> receipts[i] = new DeliveryResult.Unsent());
            throw calls.halt(trouble);
        }
        return settled;
    }

    private void note(List<ContactKey> keys, List<DeliveryResult> answers) {
        int together = crm.isSequential() ? 1 : keys.size();
        for (int i = 0; i < keys.size(); i += together) {
            failingRecords.note(keys.subList(i, i + together), answers.subList(i, i + together), calls.now());
        }
    }
}
