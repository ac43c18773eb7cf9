package de.contactsync.crm;

import de.contactsync.crm.CrmSettings.Mode;
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
import de.contactsync.model.RecordOwners;
import de.contactsync.outbox.FailingRecords;
import de.contactsync.outbox.Presence;
import de.contactsync.resilience.OutageException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;
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

    /** So many removals in a row that are answered alike and none that was done: it is about none of them. */
    private static final int CONVINCING_REMOVALS = 5;

    private final CrmSettings settings;
    private final Mapping mapping;
    private final Crm crm;
    private final CrmClient calls;
    private final Function<DeliveryTarget, String> refusal;
    private final FailingRecords<ContactKey> failingRecords;
    private final RefusalBrake brake = new RefusalBrake();
    private final RemovalBrake removals = new RemovalBrake();
    private final UnexpectedAnswers unexpected = new UnexpectedAnswers();
    /** Who may write contacts may perhaps not delete them. */
    private final UnexpectedAnswers unexpectedRemovals = new UnexpectedAnswers();

    private final RecordOwners owners;
    private final Consumer<Map<Delivery, String>> attempts;
    private final Screening screening;
    private final FieldPolicies policies;
    private final EmailMatcher matcher;
    private final ReviewFile review;
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
        this.owners = owners;
        this.attempts = attempts;
        this.screening = new Screening(settings.kind(), mapping);
        this.policies = new FieldPolicies(mapping, settings.kind().sendsWholeRecords());
        this.review = new ReviewFile(settings.review(), Clock.systemUTC());
        this.matcher = new EmailMatcher(settings, mapping, crm, calls);
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
                crm(settings, calls, mapping, creates, owners),
                calls,
                refusal,
                owners,
                attempts,
                new FailingRecords<>(patience));
    }

    private static Crm crm(
            CrmSettings settings, CrmClient calls, Mapping mapping, CreateAttempts creates, RecordOwners owners) {
        if (settings.kind() instanceof RestSettings rest) {
            return new RestCrm(calls, mapping, rest, settings.gone(), settings.missing(), creates, owners);
        }
        if (settings.kind() instanceof SalesforceSettings salesforce) {
            return new SalesforceCrm(calls, mapping, salesforce, settings.gone(), settings.missing(), owners);
        }
        return new HubSpotCrm(
                calls,
                mapping,
                (HubSpotSettings) settings.kind(),
                settings.gone(),
                settings.missing(),
                settings.match(),
                owners);
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
            Supplier<OutageException> trouble = remove(deliveries, gone, batch.ends(), receipts);
            if (!wanted.isEmpty()) {
                prepare();
                List<Integer> all = decided(wanted, ready, decisions, receipts, batch.ends());
                sent = all;
            }
            if (!sent.isEmpty()) {
                List<Integer> all = sent;
                noteAttempts(all, deliveries, decisions);
                int first = brake.isOn() ? 1 : 0;
                if (first == 0 || isReleased(ready, all.get(0), batch.ends(), receipts)) {
                    sender(ready, batch.ends(), receipts).send(all.subList(first, all.size()));
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
        return settled(
                batch,
                receipts,
                i -> ready.containsKey(i) ? last.get(ready.get(i).id()) : i,
                reported(deliveries, decisions, receipts));
    }

    /**
     * Leaves out what is not to be written, as a whole or of a record, by what the CRM has.
     *
     * @return those that are left
     */
    private List<Integer> decided(
            List<Integer> all,
            Map<Integer, CrmRecord> ready,
            Map<Integer, FieldPolicies.Decision> decisions,
            DeliveryResult[] receipts,
            long ends) {
        boolean ofAll = settings.mode() != Mode.UPSERT || mapping.readsBeforeItWrites();
        if (!ofAll && (!matcher.isOn() || matcher.mayWait())) {
            return all;
        }
        List<Integer> left = new ArrayList<>();
        List<Integer> asked = new ArrayList<>();
        all.forEach(place -> (ofAll || matcher.concerns(ready.get(place).delivery()) ? asked : left).add(place));
        // Only one contact gets a record, also where several have its address.
        Set<String> taken = new HashSet<>();
        for (int from = 0; from < asked.size(); from += crm.readBatchSize()) {
            List<Integer> part = asked.subList(from, Math.min(asked.size(), from + crm.readBatchSize()));
            List<CrmRecord> records = part.stream().map(ready::get).toList();
            List<CrmReading> byKey = crm.read(records, ends);
            List<CrmReading> readings = matcher.match(records, byKey, taken, ends);
            for (int i = 0; i < part.size(); i++) {
                int place = part.get(i);
                CrmReading reading = readings.get(i);
                boolean matched = reading != byKey.get(i);
                DeliveryResult instead = matched && reading.state() == CrmReading.State.DOUBLED
                        ? EmailMatcher.ambiguous(reading)
                        : instead(reading);
                if (instead != null) {
                    receipts[place] = instead;
                    continue;
                }
                FieldPolicies.Decision decision = policies.decide(ready.get(place), reading);
                if (decision.unshown() != null) {
                    throw calls.halt(settings.kind().label() + " does not show what it has in " + decision.unshown()
                            + ", which " + mapping.file() + " writes only depending on that: take write: out there, or"
                            + " set contacts.crm.rest.read to a call that shows it");
                }
                decisions.put(place, decision);
                boolean takes = matched && reading.state() == CrmReading.State.FOUND;
                ready.put(place, takes ? decision.record().taking(reading.recordId()) : decision.record());
                left.add(place);
            }
        }
        return left;
    }

    /** Null when it is written. */
    private DeliveryResult instead(CrmReading reading) {
        return switch (reading.state()) {
            case UNREADABLE -> new DeliveryResult.Unsent();
            case MISSING -> settings.mode() == Mode.UPDATE_ONLY ? leftOutByMode() : null;
            case FOUND, DOUBLED -> settings.mode() == Mode.CREATE_ONLY ? leftOutByMode() : null;
            case MERGED -> null;
        };
    }

    private DeliveryResult leftOutByMode() {
        return new DeliveryResult.LeftOut("contacts.crm.mode=" + settings.mode());
    }

    /** Only what was not known before: mostly of contacts in which such a field has changed. */
    private void noteAttempts(
            List<Integer> sent, List<Delivery> deliveries, Map<Integer, FieldPolicies.Decision> decisions) {
        Map<Delivery, String> changed = new HashMap<>();
        for (int place : sent) {
            FieldPolicies.Decision decision = decisions.get(place);
            Delivery delivery = deliveries.get(place);
            if (decision != null && !Objects.equals(decision.attempt(), delivery.fieldHashes())) {
                changed.put(delivery, decision.attempt());
            }
        }
        if (!changed.isEmpty()) {
            attempts.accept(changed);
        }
    }

    /**
     * Reports what people have changed.
     *
     * @return as of {@link DeliveryReport#fieldHashes}
     */
    private Map<Delivery, String> reported(
            List<Delivery> deliveries, Map<Integer, FieldPolicies.Decision> decisions, DeliveryResult[] receipts) {
        Map<Delivery, String> hashes = new HashMap<>();
        List<ReviewFile.Line> edited = new ArrayList<>();
        decisions.forEach((place, decision) -> {
            boolean written = receipts[place] instanceof DeliveryResult.Accepted
                    || receipts[place] instanceof DeliveryResult.Unlinked
                    || receipts[place] instanceof DeliveryResult.WithoutEmail;
            if (written && decision.hashes() != null) {
                Delivery delivery = deliveries.get(place);
                hashes.put(
                        delivery,
                        receipts[place] instanceof DeliveryResult.WithoutEmail
                                ? decision.hashesBut(settings.kind()::isUnique, delivery.fieldHashes())
                                : decision.hashes());
                edited.addAll(decision.edited());
            }
        });
        try {
            review.add(edited);
        } catch (UncheckedIOException e) {
            LOG.error(
                    "{} values that people have changed in the CRM could not be written into {}: {}",
                    edited.size(),
                    review,
                    e.getMessage());
            // So that they are reported the next time.
            return Map.of();
        }
        return hashes;
    }

    /** @return null, or what says why those that are left stay pending */
    private Supplier<OutageException> remove(
            List<Delivery> deliveries, List<Integer> gone, long ends, DeliveryResult[] receipts) {
        long doneBefore = unexpectedRemovals.taken();
        int refused = 0;
        for (int i : gone) {
            prepare();
            receipts[i] = removeOrFlag(deliveries.get(i), ends);
            failingRecords.note(List.of(deliveries.get(i).key()), List.of(receipts[i]), calls.now());
            unexpectedRemovals.note(deliveries.get(i), receipts[i]);
            String trouble = removals.trouble(receipts[i], () -> isAnyVisible(ends));
            if (trouble != null) {
                gone.forEach(each -> receipts[each] = new DeliveryResult.Unsent());
                return () -> calls.halt(trouble);
            }
            refused += receipts[i] instanceof DeliveryResult.Unexpected ? 1 : 0;
            boolean noneDone = unexpectedRemovals.taken() == doneBefore;
            if (noneDone && refused >= CONVINCING_REMOVALS) {
                unexpectedRemovals.concernAll();
            }
            if (unexpectedRemovals.areConvincing()) {
                break;
            }
        }
        boolean ofAll = refused > 0
                && unexpectedRemovals.taken() == doneBefore
                && gone.stream().anyMatch(i -> isLeft(unexpectedRemovals, deliveries.get(i), receipts[i]));
        return ofAll ? () -> calls.halt(unexpectedRemovals.last()) : null;
    }

    private DeliveryResult removeOrFlag(Delivery delivery, long ends) {
        try {
            return crm.removeOrFlag(delivery, ends);
        } catch (UnexpectedAnswerException e) {
            return e.result();
        }
    }

    private boolean isAnyLeftUnexpected(List<Delivery> deliveries, DeliveryResult[] receipts) {
        return IntStream.range(0, receipts.length)
                .anyMatch(i -> !deliveries.get(i).gone() && isLeft(unexpected, deliveries.get(i), receipts[i]));
    }

    private static boolean isLeft(UnexpectedAnswers answers, Delivery delivery, DeliveryResult result) {
        return result instanceof DeliveryResult.Unexpected && !answers.isOwn(delivery.key());
    }

    private boolean isAnyVisible(long ends) {
        Delivery delivered = owners.anyDelivered();
        return delivered != null && crm.shows(delivered, ends);
    }

    /** @param sentFor whose result is that of a delivery: its own, or that of a newer one with the same id */
    private DeliveryReport settled(
            DeliveryBatch batch,
            DeliveryResult[] receipts,
            IntUnaryOperator sentFor,
            Map<Delivery, String> fieldHashes) {
        List<Delivery> deliveries = batch.deliveries();
        Set<Delivery> failedOn = new HashSet<>();
        // Once at most.
        AtomicReference<Presence> seen = new AtomicReference<>();
        Supplier<Presence> probe = () -> seen.updateAndGet(known -> known == null ? probe(batch.ends()) : known);
        for (int i = 0; i < receipts.length; i++) {
            if (receipts[i] instanceof DeliveryResult.Unexpected answer) {
                UnexpectedAnswers answers = deliveries.get(i).gone() ? unexpectedRemovals : unexpected;
                if (answers.isOwn(deliveries.get(i).key())) {
                    receipts[i] = refused(answer, deliveries.get(i).gone());
                    answers.forget(deliveries.get(i).key());
                } else {
                    receipts[i] = new DeliveryResult.Unsent();
                    failedOn.add(deliveries.get(i));
                }
            }
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
        return new DeliveryReport(batch, List.of(receipts), failedOn, fieldHashes);
    }

    private static DeliveryResult refused(DeliveryResult.Unexpected answer, boolean gone) {
        Outcome.Failed why = answer.why();
        return new DeliveryResult.Refused(new Outcome.Failed(
                why.reason(),
                why.httpStatus(),
                why.errorCode(),
                "Others were taken before and after, so this is about the contact: " + why.errorMessage()
                        + (gone ? ErrorSanitizer.ONCE_REPLAYED : ErrorSanitizer.ONCE_CHANGED),
                why.errors(),
                1));
    }

    private Presence probe(long ends) {
        try {
            return crm.probe(ends);
        } catch (ProcessingHaltedException e) {
            LOG.debug("the CRM does not answer either when it is only asked", e);
            return Presence.FAILS;
        }
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
