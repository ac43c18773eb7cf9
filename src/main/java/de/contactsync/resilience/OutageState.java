package de.contactsync.resilience;

import de.contactsync.resilience.Outage.Kind;
import de.contactsync.resilience.Outage.Scope;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Whether the thing that a {@link Breaker} is for is away, since when and why, and when the next try is due. From one
 * try to the next it is a tenth of the time that the thing has been away, 5 s at least and 60 s at most, so that work
 * continues soon after a short outage and a long one costs few calls. Changed and read under the breaker's lock, except
 * where it says otherwise.
 */
final class OutageState {

    private static final Duration SHORTEST = Duration.ofSeconds(5);
    static final Duration LONGEST = Duration.ofMinutes(1);
    private static final int SHARE_OF_OUTAGE = 10;
    /** A try that nobody makes for so long: there is no work that needs it. */
    private static final Duration FORGOTTEN = Duration.ofMinutes(2);

    /** From one look at a call under way to the next. */
    private static final Duration LOOK = Duration.ofSeconds(2);
    /** Behind a try that took longer than the time to the next one. */
    private static final Duration BREATH = Duration.ofSeconds(1);

    private final String what;
    private final Scope scope;
    private final BreakerRegistry all;

    private volatile boolean away;
    /** Whether it is away because nothing is answered: then the first answer ends that, whenever its call began. */
    private volatile boolean unanswered;

    private volatile long nextTry;
    private Instant since;
    private long awaySince;
    private long lastTry;
    private Kind kind = Kind.PASSING;
    private String reason = "";

    OutageState(String what, Scope scope, BreakerRegistry all) {
        this.what = what;
        this.scope = scope;
        this.all = all;
    }

    /** May be read without the lock. */
    boolean isAway() {
        return away;
    }

    /** May be read without the lock. */
    boolean isUnanswered() {
        return unanswered;
    }

    /** Zero when a try is due. May be read without the lock. */
    Duration untilNextTry() {
        return Duration.ofNanos(Math.max(0, nextTry - all.now()));
    }

    String reason() {
        return reason;
    }

    /** @param began when the try began that failed */
    void noteFailure(Kind why, String trouble, long began) {
        unanswered = false;
        lastTry = began;
        kind = why;
        reason = trouble;
    }

    void noteUnanswered() {
        unanswered = true;
    }

    void tryAgainNow() {
        unanswered = false;
        nextTry = all.now();
    }

    /** The length of the pause from now to the next try. */
    Duration pause() {
        return kind == Kind.REFUSAL ? all.afterRefusal() : away ? afterProbe(all.now()) : SHORTEST;
    }

    private Duration afterProbe(long now) {
        Duration apart = Duration.ofNanos(now - awaySince).dividedBy(SHARE_OF_OUTAGE);
        Duration clamped = apart.compareTo(SHORTEST) < 0 ? SHORTEST : apart.compareTo(LONGEST) > 0 ? LONGEST : apart;
        Duration left = clamped.minusNanos(now - lastTry);
        return left.compareTo(BREATH) < 0 ? BREATH : left;
    }

    void tryAgainIn(Duration pause) {
        nextTry = all.now() + pause.toNanos();
    }

    /** @return what the log says; null when it was away before */
    String begin() {
        if (away) {
            return null;
        }
        away = true;
        awaySince = all.now();
        since = all.clock().instant();
        // All others name themselves in the reason.
        return (scope == Scope.TENANT ? what + ": " : "") + reason.replaceFirst("\\.$", "")
                + ". Dependent work is paused"
                + (unanswered ? " until a call under way is answered" : "")
                + "; next try in "
                + Math.round((nextTry - awaySince) / 1e9)
                + (unanswered ? " s at the latest" : " s");
    }

    /** @return what the log says */
    String end() {
        String line = what + " is back after " + length().toSeconds() + " s";
        away = false;
        return line;
    }

    /** For how long it has been away; zero while all is well. */
    Duration length() {
        return away ? Duration.ofNanos(all.now() - awaySince) : Duration.ZERO;
    }

    /**
     * Empty while all is well, and when nobody has needed it for a while after the next try was due.
     *
     * @param untilNextTry as people are told
     */
    Optional<Outage> outage(Duration untilNextTry) {
        if (!away || all.now() - nextTry >= FORGOTTEN.toNanos()) {
            return Optional.empty();
        }
        // A call that is still under way may end the outage long before the next try.
        Duration next = unanswered && untilNextTry.compareTo(LOOK) > 0 ? LOOK : untilNextTry;
        return Optional.of(new Outage(what, kind, reason, since, length(), scope, next));
    }
}
