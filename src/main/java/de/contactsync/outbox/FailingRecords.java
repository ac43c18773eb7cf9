package de.contactsync.outbox;

import de.contactsync.model.DeliveryResult;
import de.contactsync.model.Outcome;
import de.contactsync.model.Reason;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Contacts that a sink fails on: whether that is about the contact or about the sink shows by what becomes of others
 * afterwards. What the sink took before it failed proves nothing, since an outage may begin at any moment. So one is
 * given up
 *
 * <ul>
 *   <li>when the sink has failed on it, then taken others, then failed on it again, and after that has taken others or
 *       answered a call that changes nothing; where there is no such call, when only few fail, or have for as long as
 *       {@code patience};
 *   <li>when hardly any are left to send, and for as long as {@code patience} the sink has failed on it and answered
 *       such a call.
 * </ul>
 *
 * Until then it stays pending. Used by one thread.
 *
 * @param <K> what identifies one
 */
public final class FailingRecords<K> {

    /**
     * An overloaded server or gateway says the same of any record, so it gets more chances than one that fails by
     * itself.
     */
    private static final int TIMES = 3;

    private static final int TIMES_OF_FAILED = 2;
    private static final int FAILED = 500;
    /** So many failing at once, while no other is taken, are an outage of whatever writes. */
    private static final int CONVINCING = 10;
    /** Of contacts that another process has sent meanwhile nothing more is heard here. */
    private static final Duration FORGOTTEN = Duration.ofHours(1);

    /**
     * @param first when the sink first failed on it, and how many contacts it had taken then
     * @param last  the same of the last time
     */
    private record Trial(int times, Moment first, Moment last) {

        Trial again(Moment now) {
            return new Trial(times + 1, first, now);
        }
    }

    /** @param at a reading of the monotonic clock, in ns */
    private record Moment(long at, long taken) {}

    private final Duration patience;
    private final Map<K, Trial> trials = new HashMap<>();
    private long taken;

    public FailingRecords(Duration patience) {
        this.patience = patience;
    }

    /**
     * What became of contacts that were sent together: nothing tells which of them came first.
     *
     * @param now a reading of the monotonic clock, in ns
     */
    public void note(List<K> keys, List<DeliveryResult> results, long now) {
        taken += results.stream().filter(FailingRecords::isTaken).count();
        for (int i = 0; i < keys.size(); i++) {
            if (failure(results.get(i)) != null) {
                Moment moment = new Moment(now, taken);
                trials.merge(keys.get(i), new Trial(1, moment, moment), (known, first) -> known.again(moment));
            } else if (!(results.get(i) instanceof DeliveryResult.Unsent)) {
                trials.remove(keys.get(i));
            }
        }
        trials.values().removeIf(trial -> now - trial.last.at > FORGOTTEN.toNanos());
    }

    /** An earlier process has failed on it, so that all that this one has taken was taken after that. */
    public void recall(K key, long now) {
        Moment before = new Moment(now, 0);
        trials.putIfAbsent(key, new Trial(1, before, before));
    }

    /**
     * @param probe what becomes of a call that changes nothing
     * @return whether it is about the contact, so that the result counts; true also where the sink does not fail on it
     */
    public boolean isOwn(K key, DeliveryResult result, Supplier<Presence> probe, long now) {
        Outcome.Failed failure = failure(result);
        Trial trial = failure == null ? null : trials.get(key);
        if (trial == null) {
            return failure == null;
        }
        boolean failed = failure.httpStatus() != null && failure.httpStatus() == FAILED;
        boolean between = trial.first.taken < trial.last.taken && trial.times >= (failed ? TIMES_OF_FAILED : TIMES);
        boolean alone = trial.times >= TIMES && now - trial.first.at >= patience.toNanos() && areFew();
        boolean own = between && (trial.last.taken < taken || isInReach(probe.get(), trial, now))
                || alone && probe.get() == Presence.ANSWERS;
        if (own) {
            trials.remove(key);
        }
        return own;
    }

    private boolean isInReach(Presence presence, Trial trial, long now) {
        return presence == Presence.ANSWERS
                || presence == Presence.UNKNOWN && (areFew() || now - trial.first.at >= patience.toNanos());
    }

    private boolean areFew() {
        return trials.values().stream()
                        .filter(trial -> trial.last.taken == taken)
                        .count()
                < CONVINCING;
    }

    /** Whether the sink has taken none since it failed on one. */
    public boolean isNoneTakenSince() {
        return trials.values().stream().anyMatch(trial -> trial.last.taken == taken);
    }

    /** Whether there is one that it is rather about than about the sink. */
    public boolean isAnySuspected() {
        return !trials.isEmpty() && (areFew() || trials.values().stream().anyMatch(trial -> trial.first.taken < taken));
    }

    /** Whether the sink failed on it when it was sent last. */
    public boolean contains(K key) {
        return trials.containsKey(key);
    }

    private static boolean isTaken(DeliveryResult result) {
        return failure(result) == null
                && !(result instanceof DeliveryResult.Refused)
                && !(result instanceof DeliveryResult.Unexpected)
                && !(result instanceof DeliveryResult.Unsent);
    }

    /** Null when the sink does not fail on the contact. */
    private static Outcome.Failed failure(DeliveryResult result) {
        Outcome.Failed why = result instanceof DeliveryResult.Refused refused
                ? refused.why()
                : result instanceof DeliveryResult.Unlinked unlinked
                        ? unlinked.why()
                        : result instanceof DeliveryResult.WithoutEmail without ? without.unlinked() : null;
        return why != null && why.reason() == Reason.RETRIES_EXHAUSTED ? why : null;
    }
}
