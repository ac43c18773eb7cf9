package de.contactsync.crm;

import de.contactsync.model.ContactKey;
import de.contactsync.model.Delivery;
import de.contactsync.model.DeliveryResult;
import de.contactsync.outbox.FailingRecords;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Sends the records of one batch: what the CRM refuses, or fails on, as a whole is halved down to the record that it
 * means.
 */
final class SplitSender {

    /** Tried of a batch that is refused as a whole while nothing shows that the CRM takes any. */
    private static final int SAMPLE = 5;
    /** To halve a smaller one takes hardly more calls. */
    private static final int LEAST_SAMPLED = 10;

    private final Crm crm;
    private final CrmClient calls;
    private final FailingRecords<ContactKey> failingRecords;
    private final UnexpectedAnswers unexpected;
    private final RefusalBrake brake;
    private final Map<Integer, CrmRecord> ready;
    private final long ends;
    private final DeliveryResult[] receipts;
    private final long takenBefore;
    private boolean sampled;

    /**
     * @param ready    what can be sent, by its place in the batch
     * @param receipts of the batch, to be filled in
     */
    SplitSender(
            Crm crm,
            CrmClient calls,
            FailingRecords<ContactKey> failingRecords,
            UnexpectedAnswers unexpected,
            RefusalBrake brake,
            Map<Integer, CrmRecord> ready,
            long ends,
            DeliveryResult[] receipts) {
        this.crm = crm;
        this.calls = calls;
        this.failingRecords = failingRecords;
        this.unexpected = unexpected;
        this.brake = brake;
        this.ready = ready;
        this.ends = ends;
        this.receipts = receipts;
        this.takenBefore = unexpected.taken();
    }

    /** @param all which of those that are ready */
    void send(List<Integer> all) {
        // Breadth first, so that all others get through before the time is over that a slow one takes.
        // Those that failed before by themselves: to halve a batch of them takes more calls than a breaker grants its
        // probes. For the same reason a call that is about none of them shows whether the CRM is back.
        Map<Boolean, List<Integer>> failedBefore = all.stream().collect(Collectors.partitioningBy(i -> {
            ContactKey key = delivery(i).key();
            return failingRecords.contains(key) || unexpected.contains(key);
        }));
        if (calls.isAway() && failingRecords.isAnySuspected()) {
            crm.probe(ends);
        }
        Deque<List<Integer>> parts = new ArrayDeque<>();
        if (!failedBefore.get(false).isEmpty()) {
            parts.add(failedBefore.get(false));
        }
        failedBefore.get(true).forEach(i -> parts.add(List.of(i)));
        while (!parts.isEmpty()) {
            List<Integer> part = parts.poll();
            List<DeliveryResult> answers = upsert(part);
            List<Integer> open = new ArrayList<>();
            for (int i = 0; i < part.size(); i++) {
                if (answers.get(i) instanceof DeliveryResult.Unsent) {
                    open.add(part.get(i));
                }
            }
            if (isToBeSampled(part, open)) {
                sampled = true;
                open.removeAll(sample(open));
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
        sendWitness(all);
    }

    /**
     * Sends one that was taken again, where nothing else shows whether the CRM takes others after it has failed on some,
     * or answered as in {@link UnexpectedAnswerException}: it does no harm to be written as it is.
     */
    private void sendWitness(List<Integer> all) {
        boolean needed = unexpected.isInARow() || failingRecords.isNoneTakenSince();
        if (!needed || unexpected.taken() == takenBefore) {
            return;
        }
        for (int i : all) {
            if (receipts[i] instanceof DeliveryResult.Accepted accepted) {
                resend(ready.get(i).at(accepted.remoteId()));
                return;
            }
        }
    }

    private void resend(CrmRecord taken) {
        try {
            List<DeliveryResult> again = crm.upsert(List.of(taken), ends);
            if (again.get(0) instanceof DeliveryResult.Accepted) {
                unexpected.note(taken.delivery(), again.get(0));
                failingRecords.note(List.of(taken.delivery().key()), again, calls.now());
            } else if (again.get(0) instanceof DeliveryResult.Unexpected) {
                unexpected.concernAll();
            }
        } catch (UnexpectedAnswerException e) {
            unexpected.concernAll();
        }
    }

    private Delivery delivery(int i) {
        return ready.get(i).delivery();
    }

    private boolean isToBeSampled(List<Integer> part, List<Integer> open) {
        boolean refused = !calls.isInDoubt() && open.size() == part.size() && brake.isUndecided();
        return !sampled && open.size() > LEAST_SAMPLED && (refused || isUnexpectedOnly());
    }

    /** Whether none of this batch was taken, and some were answered as in {@link UnexpectedAnswerException}. */
    private boolean isUnexpectedOnly() {
        return unexpected.isInARow() && unexpected.taken() == takenBefore;
    }

    /** Sends together, and writes down what becomes of it. */
    private List<DeliveryResult> upsert(List<Integer> part) {
        List<DeliveryResult> before = part.stream().map(i -> receipts[i]).toList();
        // They may reach the CRM, also when no answer does.
        part.forEach(i -> receipts[i] = new DeliveryResult.Unsent());
        List<DeliveryResult> answers = answers(part);
        for (int i = 0; i < part.size(); i++) {
            boolean untried = answers.get(i) instanceof DeliveryResult.Unsent unsent && !unsent.tried();
            receipts[part.get(i)] = untried ? before.get(i) : answers.get(i);
        }
        note(part, answers);
        if (unexpected.areConvincing()) {
            throw calls.halt(unexpected.last());
        }
        return answers;
    }

    private List<DeliveryResult> answers(List<Integer> part) {
        try {
            return crm.upsert(part.stream().map(ready::get).toList(), ends);
        } catch (UnexpectedAnswerException e) {
            if (part.size() == 1) {
                return List.of(e.result());
            }
            unexpected.noteTogether(part.stream().map(this::delivery).toList(), e.why());
            return Collections.nCopies(part.size(), new DeliveryResult.Unsent());
        }
    }

    private void note(List<Integer> part, List<DeliveryResult> answers) {
        List<ContactKey> keys = part.stream().map(i -> delivery(i).key()).toList();
        int together = crm.isSequential() ? 1 : keys.size();
        for (int i = 0; i < keys.size(); i += together) {
            failingRecords.note(keys.subList(i, i + together), answers.subList(i, i + together), calls.now());
        }
        // What was taken beside them says nothing of when.
        for (boolean last : new boolean[] {false, true}) {
            for (int i = 0; i < keys.size(); i++) {
                if (answers.get(i) instanceof DeliveryResult.Unexpected == last) {
                    unexpected.note(delivery(part.get(i)), answers.get(i));
                }
            }
        }
        brake.note(answers);
    }

    /** Tries a few of a batch that was refused one by one. @return those that need not be sent again */
    private List<Integer> sample(List<Integer> open) {
        List<Integer> sample = IntStream.range(0, SAMPLE)
                .mapToObj(i -> open.get(i * (open.size() - 1) / (SAMPLE - 1)))
                .toList();
        List<Integer> done = new ArrayList<>();
        Class<?> first = null;
        for (int i : sample) {
            DeliveryResult answer = upsert(List.of(i)).get(0);
            if (!(answer instanceof DeliveryResult.Unsent)) {
                done.add(i);
            }
            boolean same = first == null || first == answer.getClass();
            first = answer.getClass();
            boolean bad = answer instanceof DeliveryResult.Refused || answer instanceof DeliveryResult.Unexpected;
            if (!bad || !same) {
                return done;
            }
        }
        if (first == DeliveryResult.Unexpected.class) {
            unexpected.concernAll();
            throw calls.halt(unexpected.last());
        }
        String trouble =
                brake.troubleOfSample(sample.stream().map(i -> receipts[i]).toList(), open.size());
        if (trouble != null) {
            sample.forEach(i -> receipts[i] = new DeliveryResult.Unsent());
            throw calls.halt(trouble);
        }
        return done;
    }
}
