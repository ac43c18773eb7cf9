package de.contactsync.crm;

import de.contactsync.crm.mapping.Mapping;
import de.contactsync.model.ContactKey;
import de.contactsync.model.CreateAttempts;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryBatch;
import de.contactsync.model.DeliveryReport;
import de.contactsync.model.DeliveryResult;
import de.contactsync.model.DeliveryTarget;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.model.RecordOwners;
import de.contactsync.outbox.FailingRecords;
import de.contactsync.resilience.OutageException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends batches so that one bad record costs no other: what the CRM refuses as a whole is halved down to the record
 * that it means. What would be refused anyway is not sent. Used by one thread.
 */
public final class CrmSink {

    private static final Logger LOG = LoggerFactory.getLogger(CrmSink.class);

    private final CrmSettings settings;
    private final Mapping mapping;
    private final Crm crm;
    private final CrmClient calls;
    private final Function<DeliveryTarget, String> refusal;
    private final FailingRecords<ContactKey> failingRecords;
    private final RefusalBrake brake = new RefusalBrake();
    private final UnexpectedAnswers unexpected = new UnexpectedAnswers();
    /** Who may write contacts may perhaps not delete them. */
    private final UnexpectedAnswers unexpectedRemovals = new UnexpectedAnswers();

    private final Screening screening;
    private final EmailMatcher matcher;
    private final WriteDecisions writes;
    private final Removals removals;
    private final ResultJudgement judgement;
    private boolean prepared;

    private CrmSink(
            CrmSettings settings,
            Mapping mapping,
            Crm crm,
            CrmClient calls,
            Function<DeliveryTarget, String> refusal,
            RecordOwners owners,
            Consumer<Map<Delivery, String>> attempts,
            FailingRecords<ContactKey> failingRecords) {
        this.screening = new Screening(settings.kind(), mapping);
        this.matcher = new EmailMatcher(settings, mapping, crm, calls);
        this.writes = new WriteDecisions(settings, mapping, crm, calls, matcher, attempts);
        this.removals = new Removals(crm, calls, owners, failingRecords, unexpectedRemovals);
        this.judgement = new ResultJudgement(crm, calls, failingRecords, unexpected, unexpectedRemovals);
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
                hashes -> {},
                CrmTimeouts.DEFAULT.patience());
    }

    /**
     * @param refusal  of a target that is not to be written to, with what to do; null for one that is
     * @param creates  for a CRM that does not find at once what it has created
     * @param owners   of the records that it has
     * @param attempts keeps what is to be known of single fields, as of {@link Delivery#fieldHashes}, before they are
     *                 written
     * @param patience as of {@link CrmTimeouts}
     */
    public static CrmSink of(
            CrmSettings settings,
            CrmClient calls,
            Mapping mapping,
            Function<DeliveryTarget, String> refusal,
            CreateAttempts creates,
            RecordOwners owners,
            Consumer<Map<Delivery, String>> attempts,
            Duration patience) {
        return new CrmSink(
                settings,
                mapping,
                CrmKinds.of(settings, calls, mapping, creates, owners),
                calls,
                refusal,
                owners,
                attempts,
                new FailingRecords<>(patience));
    }

    public int batchSize() {
        return crm.batchSize();
    }

    /** As {@link Crm#prepare}, once, and not into a target that is refused. */
    public void prepare() {
        if (!prepared) {
            ofAll(() -> {
                requireTarget();
                crm.prepare();
                return null;
            });
            prepared = true;
        }
    }

    /** As {@link Crm#tryOut}, and not at a target that is refused. */
    public CrmTrial tryOut() {
        return ofAll(() -> {
            requireTarget();
            return crm.tryOut();
        });
    }

    /** For whoever compares it with what was delivered; not at a target that is refused. */
    public CrmAudit audit() {
        return ofAll(() -> {
            requireTarget();
            return new CrmAudit(settings, mapping, crm, calls);
        });
    }

    /** For whoever previews it; not at a target that is refused. */
    public EmailMatcher matcher() {
        return ofAll(() -> {
            requireTarget();
            return matcher;
        });
    }

    /** Of calls that are about no contact. */
    private <T> T ofAll(Supplier<T> work) {
        try {
            return work.get();
        } catch (UnexpectedAnswerException e) {
            throw calls.halt(e.why());
        }
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
        Arrays.fill(receipts, new DeliveryResult.Unsent(false));
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
            DeliveryResult screened = screening.of(deliveries.get(i), record.fields());
            if (screened != null) {
                receipts[i] = screened;
            }
            if (!(screened instanceof DeliveryResult.Refused)) {
                ready.put(i, record);
                last.remove(record.id());
                last.put(record.id(), i);
            }
        }
        List<Integer> wanted = last.values().stream()
                .filter(i -> !(receipts[i] instanceof DeliveryResult.LeftOut))
                .toList();
        long takenBefore = unexpected.taken();
        Map<Integer, FieldPolicies.Decision> decisions = new HashMap<>();
        List<Integer> sent = List.of();
        try {
            // First, in case a contact has meanwhile come back under another customer: it is the same record.
            if (!gone.isEmpty() || !wanted.isEmpty()) {
                prepare();
            }
            Supplier<OutageException> trouble = removals.remove(deliveries, gone, batch.ends(), receipts);
            if (!wanted.isEmpty()) {
                sent = writes.decide(wanted, ready, decisions, receipts, batch.ends());
            }
            if (!sent.isEmpty()) {
                writes.noteAttempts(sent, deliveries, decisions);
                int first = brake.isOn() ? 1 : 0;
                if (first == 0 || isReleased(ready, sent.get(0), batch.ends(), receipts)) {
                    sender(ready, batch.ends(), receipts).send(sent.subList(first, sent.size()));
                }
            }
            if (trouble != null) {
                throw trouble.get();
            }
        } catch (UnexpectedAnswerException e) {
            calls.halt(e.why());
        } catch (ProcessingHaltedException e) {
            if (!(e instanceof OutageException)) {
                // Of an outage its breaker tells.
                LOG.warn("Not all of a batch could be sent, the rest stays pending: {}", e.getMessage());
            }
        }
        if (!brake.isOn()) {
            brake(sent, receipts);
        }
        if (unexpected.taken() == takenBefore && isAnyLeftUnexpected(deliveries, receipts)) {
            // Nothing shows that the CRM takes others.
            calls.halt(unexpected.last());
        }
        return judgement.of(
                batch,
                receipts,
                i -> ready.containsKey(i) ? last.get(ready.get(i).id()) : i,
                writes.report(deliveries, decisions, receipts));
    }

    private boolean isAnyLeftUnexpected(List<Delivery> deliveries, DeliveryResult[] receipts) {
        return IntStream.range(0, receipts.length)
                .anyMatch(i -> !deliveries.get(i).gone() && unexpected.isLeft(deliveries.get(i), receipts[i]));
    }

    private SplitSender sender(Map<Integer, CrmRecord> ready, long ends, DeliveryResult[] receipts) {
        return new SplitSender(crm, calls, failingRecords, unexpected, brake, ready, ends, receipts);
    }

    /** Whether one contact is not refused any longer for what all were refused for: a whole batch costs many calls. */
    private boolean isReleased(Map<Integer, CrmRecord> ready, int first, long ends, DeliveryResult[] receipts) {
        sender(ready, ends, receipts).send(List.of(first));
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
}
