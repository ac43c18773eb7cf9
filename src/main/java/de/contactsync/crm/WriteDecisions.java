package de.contactsync.crm;

import de.contactsync.crm.CrmSettings.Mode;
import de.contactsync.crm.mapping.Mapping;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryResult;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides what is written of contacts, by what the CRM has of them, and reports what people have changed there. Used by
 * one thread.
 */
final class WriteDecisions {

    private static final Logger LOG = LoggerFactory.getLogger(WriteDecisions.class);

    private final CrmSettings settings;
    private final Mapping mapping;
    private final Crm crm;
    private final CrmClient calls;
    private final EmailMatcher matcher;
    private final Consumer<Map<Delivery, String>> attempts;
    private final FieldPolicies policies;
    private final ReviewFile review;

    /** @param attempts as of {@link CrmSink#of} */
    WriteDecisions(
            CrmSettings settings,
            Mapping mapping,
            Crm crm,
            CrmClient calls,
            EmailMatcher matcher,
            Consumer<Map<Delivery, String>> attempts) {
        this.settings = settings;
        this.mapping = mapping;
        this.crm = crm;
        this.calls = calls;
        this.matcher = matcher;
        this.attempts = attempts;
        this.policies = new FieldPolicies(mapping, settings.kind().sendsWholeRecords());
        this.review = new ReviewFile(settings.review(), Clock.systemUTC());
    }

    /**
     * Leaves out what is not to be written, as a whole or of a record, by what the CRM has.
     *
     * @return those that are left
     */
    List<Integer> decide(
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
    void noteAttempts(List<Integer> sent, List<Delivery> deliveries, Map<Integer, FieldPolicies.Decision> decisions) {
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
    Map<Delivery, String> report(
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
                    "{} values that people have changed in the CRM could not be written into {}: {}; let"
                            + " contacts.crm.review-file name a file that this process can write. They are reported when"
                            + " these contacts are sent again, at once by sync --full",
                    edited.size(),
                    review,
                    e.getMessage());
            // So that they are reported the next time.
            decisions.forEach((place, decision) -> {
                if (!decision.edited().isEmpty()) {
                    hashes.remove(deliveries.get(place));
                }
            });
        }
        return hashes;
    }
}
