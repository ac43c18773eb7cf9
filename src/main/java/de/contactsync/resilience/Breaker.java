package de.contactsync.resilience;

import de.contactsync.resilience.Outage.Kind;
import de.contactsync.resilience.Outage.Scope;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The circuit breaker of one thing that work needs. It opens when so many calls in a row have failed that it is no
 * coincidence, or when its user is sure. While it is open nobody calls; after a pause one call probes, and what
 * becomes of that decides. From one try to the next it is a tenth of the time that the thing has been away, 5 s at
 * least and 60 s at most, so that work continues soon after a short outage and a long one costs few calls.
 *
 * <p>Every call allowed by {@link #tryAcquire} or {@link #acquire} must end in {@link #recordSuccess}, {@link #recordFailure},
 * {@link #open} or {@link #release}. Instants are readings of the monotonic clock. Thread-safe.
 */
public final class Breaker {

    private static final Logger LOG = LoggerFactory.getLogger(Breaker.class);

    /** So many failed calls in a row, without one that passed, are no coincidence. */
    private static final int CONVINCING = 20;

    private static final Duration SHORTEST = Duration.ofSeconds(5);
    private static final Duration LONGEST = Duration.ofMinutes(1);
    private static final int SHARE_OF_OUTAGE = 10;
    /** A try that nobody makes for so long: there is no work that needs it. */
    private static final Duration FORGOTTEN = Duration.ofMinutes(2);

    private static final Duration PROBE_PATIENCE = Duration.ofSeconds(3);
    /** From one look at a call under way to the next. */
    private static final Duration LOOK = Duration.ofSeconds(2);
    /** Behind a try that took longer than the time to the next one. */
    private static final Duration BREATH = Duration.ofSeconds(1);

    private static final DateTimeFormatter HOUR_AND_MINUTE = DateTimeFormatter.ofPattern("HH:mm", Locale.ROOT);

    /** The library wants one to count; it is never thrown. */
    private static final Exception FAILED = new Exception("failed call");

    private final String what;
    private final Scope scope;
    private final BreakerRegistry all;
    private final CircuitBreaker circuit;
    /** Whether a failed call has been counted since the last that passed. */
    private volatile boolean failing;
    /** Counted since then; other than the circuit's own count it is known without a lock. */
    private volatile int failedInARow;
    /** Calls that began before the last change of state say nothing about the new one. */
    private long changed;

    private volatile boolean away;
    /** Whether a call has passed since it was made or last opened: otherwise nobody knows that all is well. */
    private volatile boolean passing;
    /** Whether it is open because nothing is answered: then the first answer closes it, whenever its call began. */
    private volatile boolean unanswered;

    private Instant since;
    private long awaySince;
    private long lastTry;
    private Kind kind = Kind.PASSING;
    private String reason = "";
    private volatile long nextTry;
    private volatile long probeBegan;

    Breaker(String what, Scope scope, BreakerRegistry all) {
        this.what = what;
        this.scope = scope;
        this.all = all;
        this.changed = all.now();
        this.circuit = CircuitBreaker.of(
                what,
                CircuitBreakerConfig.custom()
                        .slidingWindow(CONVINCING, CONVINCING, SlidingWindowType.COUNT_BASED)
                        .failureRateThreshold(100)
                        .permittedNumberOfCallsInHalfOpenState(1)
                        .waitIntervalFunctionInOpenState(attempts -> opening())
                        .clock(new MonotonicClock(all))
                        .build());
    }

    /** For people: what it is for. */
    String what() {
        return what;
    }

    boolean concernsAll() {
        return scope == Scope.ALL;
    }

    boolean concernsTenant() {
        return scope == Scope.TENANT;
    }

    /** A reading of the clock that all instants here are meant by. */
    public long now() {
        return all.now();
    }

    /** Whether a call may be made now: any while the circuit is closed, one at a time when a try is due. */
    public boolean tryAcquire() {
        boolean acquired = circuit.tryAcquirePermission();
        if (acquired && away) {
            probeBegan = all.now();
        }
        return acquired;
    }

    /** As {@link #acquire(Duration, BooleanSupplier)}, however long the outage is. */
    public void acquire(BooleanSupplier stopped) {
        acquire(ChronoUnit.FOREVER.getDuration(), stopped);
    }

    /**
     * Waits until a call may be made, as {@link #tryAcquire} says.
     *
     * @param patience the length of an outage that is not waited for any longer
     * @param stopped  whether to wait no longer; asked again after {@link #wake}
     * @throws OutageException when no call may be made by then, or the thread is interrupted
     */
    public synchronized void acquire(Duration patience, BooleanSupplier stopped) {
        while (!tryAcquire()) {
            Duration left = patience.minus(length());
            if (stopped.getAsBoolean() || left.isNegative() || left.isZero()) {
                throw exception();
            }
            // The end of a probe wakes all who wait. The circuit counts in milliseconds.
            Duration most = isProbing() ? LONGEST : untilNextTry().plusMillis(1);
            try {
                TimeUnit.NANOSECONDS.timedWait(this, (left.compareTo(most) < 0 ? left : most).toNanos());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw exception();
            }
        }
    }

    /** Makes those who wait in {@link #acquire} ask whether they are stopped. */
    public synchronized void wake() {
        notifyAll();
    }

    /** When a call is not allowed: whether that is for a probe which takes so long that work should not wait for it. */
    public boolean isProbeSlow() {
        return isProbing() && all.now() - probeBegan > PROBE_PATIENCE.toNanos();
    }

    /** Nanoseconds until that is so of the probe under way; at least 1. */
    long untilProbeSlow() {
        return Math.max(1, probeBegan + PROBE_PATIENCE.toNanos() - all.now() + 1);
    }

    /** Whether nobody may call at this moment. */
    public boolean isHeld() {
        return away && circuit.getState() == State.OPEN && nextTry - all.now() > 0;
    }

    /** Whether the calls allowed now are probes, one at a time. */
    public boolean isProbing() {
        return circuit.getState() == State.HALF_OPEN;
    }

    /** Whether the next failed call opens it, so that whoever knows of a call that passes had better make that first. */
    public boolean isAboutToOpen() {
        return failedInARow >= CONVINCING - 1 && circuit.getState() == State.CLOSED;
    }

    /** A call went well. */
    public void recordSuccess() {
        if (passing && !failing) {
            return;
        }
        synchronized (this) {
            State before = circuit.getState();
            if (before == State.OPEN && !unanswered) {
                // A call from before the circuit opened.
                return;
            }
            failing = false;
            failedInARow = 0;
            if (before == State.OPEN) {
                circuit.transitionToClosedState();
            } else {
                circuit.onSuccess(0, TimeUnit.NANOSECONDS);
            }
            if (before != State.CLOSED && circuit.getState() == State.CLOSED) {
                changed = all.now();
                away = false;
                notifyAll();
                all.closed(
                        this,
                        what + " is back after "
                                + Duration.ofNanos(changed - awaySince).toSeconds() + " s");
            }
            if (!passing && circuit.getState() == State.CLOSED) {
                passing = true;
                all.passing(this);
            }
        }
    }

    /** A call failed in a way that speaks of the whole thing and may be temporary. */
    public synchronized void recordFailure(long began, String trouble) {
        if (began - changed < 0 || circuit.getState() == State.OPEN) {
            return;
        }
        note(Kind.PASSING, trouble, began);
        failedInARow = failedInARow + 1;
        circuit.onError(0, TimeUnit.NANOSECONDS, FAILED);
        if (circuit.getState() == State.OPEN) {
            opened();
        }
    }

    /**
     * It is certain that further calls would fail as well.
     *
     * @param began when the call began that told
     * @return for whoever has to abandon its work for now
     */
    public OutageException open(long began, Kind why, String trouble) {
        return open(began, why, trouble, null);
    }

    public synchronized OutageException open(long began, Kind why, String trouble, Throwable cause) {
        changeToOpen(began, why, trouble, null);
        return new OutageException(trouble, this, cause);
    }

    /** As {@link #open(long, Kind, String)} for what passes, where it is known when. */
    public synchronized OutageException openFor(long began, Duration pause, String trouble) {
        changeToOpen(began, Kind.PASSING, trouble, pause);
        return new OutageException(trouble, this, null);
    }

    /**
     * No call is answered, but one is still under way, which may tell that it is back.
     *
     * @param pause what that call may take at most; null for the usual one
     * @return for whoever has to abandon its work for now
     */
    public synchronized OutageException openUnanswered(String trouble, Duration pause) {
        if (circuit.getState() != State.OPEN) {
            changeToOpen(all.now(), Kind.PASSING, trouble, pause, true);
        }
        return new OutageException(reason, this, null);
    }

    /** The last call under way has ended: if that was not answered either, it is time for another. */
    public void noneUnderWay() {
        if (!unanswered) {
            return;
        }
        synchronized (this) {
            if (unanswered && circuit.getState() == State.OPEN) {
                unanswered = false;
                nextTry = all.now();
                circuit.transitionToHalfOpenState();
            }
        }
    }

    /**
     * The server refuses all calls for the quota.
     *
     * @param pause for how long from now on; null when it does not say
     */
    synchronized void openUntilQuota(Duration pause) {
        changeToOpen(all.now(), Kind.PASSING, quotaTrouble(pause), pause);
    }

    private String quotaTrouble(Duration pause) {
        if (pause == null) {
            return "quota refused for longer than a window, and no Retry-After says until when (HTTP 429)";
        }
        LocalTime end = LocalTime.ofInstant(all.clock().instant().plus(pause), ZoneId.systemDefault());
        return "quota refused until " + HOUR_AND_MINUTE.format(end) + " (HTTP 429)";
    }

    private void changeToOpen(long began, Kind why, String trouble, Duration pause) {
        changeToOpen(began, why, trouble, pause, false);
    }

    private void changeToOpen(long began, Kind why, String trouble, Duration pause, boolean underWay) {
        if (began - changed >= 0 && circuit.getState() != State.OPEN) {
            note(why, trouble, began);
            unanswered = underWay;
            Duration next = pause == null ? Duration.ofMillis(opening()) : pause;
            nextTry = all.now() + next.toNanos();
            circuit.transitionToOpenStateFor(next);
            opened();
        }
    }

    /** The call told nothing about the thing, or was not made. */
    public void release() {
        circuit.releasePermission();
        if (away) {
            wake();
        }
    }

    /** As {@link #release()}, for a call that may have begun before the last change of state. */
    public synchronized void release(long began) {
        if (began - changed >= 0) {
            release();
        }
    }

    /** For whoever must not call now. */
    public synchronized OutageException exception() {
        return new OutageException(reason, this, null);
    }

    /** Empty while all is well, and when nobody has needed it for a while after the next try was due. */
    public synchronized Optional<Outage> outage() {
        return away && all.now() - nextTry < FORGOTTEN.toNanos()
                ? Optional.of(new Outage(what, kind, reason, since, length(), scope, untilNextLook()))
                : Optional.empty();
    }

    /** A call that is still under way may end the outage long before the next try. */
    private Duration untilNextLook() {
        Duration next = untilNextTry();
        return unanswered && next.compareTo(LOOK) > 0 ? LOOK : next;
    }

    /** Whether it is away because it answers nothing, and a call is still under way. */
    public boolean isUnanswered() {
        return unanswered && isHeld();
    }

    /** An outage that ended at this moment. */
    Outage over(String trouble) {
        return new Outage(what, Kind.PASSING, trouble, all.clock().instant(), Duration.ZERO, scope, Duration.ZERO);
    }

    /** For how long it has been away; zero while all is well. */
    public synchronized Duration length() {
        return away ? Duration.ofNanos(all.now() - awaySince) : Duration.ZERO;
    }

    /** Zero when a call may be made; while a probe is under way, when to look for what became of it. */
    public Duration untilNextTry() {
        return isHeld()
                ? Duration.ofNanos(Math.max(0, nextTry - all.now()))
                : isProbing() ? PROBE_PATIENCE : Duration.ZERO;
    }

    private void note(Kind why, String trouble, long began) {
        failing = true;
        unanswered = false;
        lastTry = began;
        kind = why;
        reason = trouble;
    }

    /** The length of the pause that begins now, in ms. */
    private long opening() {
        long now = all.now();
        Duration pause = kind == Kind.REFUSAL ? all.afterRefusal() : away ? afterProbe(now) : SHORTEST;
        nextTry = now + pause.toNanos();
        return pause.toMillis();
    }

    private Duration afterProbe(long now) {
        Duration apart = clamped(Duration.ofNanos(now - awaySince).dividedBy(SHARE_OF_OUTAGE));
        Duration left = apart.minusNanos(now - lastTry);
        return left.compareTo(BREATH) < 0 ? BREATH : left;
    }

    private void opened() {
        changed = all.now();
        failing = true;
        passing = false;
        failedInARow = 0;
        notifyAll();
        if (away) {
            LOG.debug("{} is still away: {}; next try in {}", what, reason, untilNextTry());
            return;
        }
        away = true;
        awaySince = changed;
        since = all.clock().instant();
        // All others name themselves in the reason.
        all.opened(
                this,
                (concernsTenant() ? what + ": " : "") + reason.replaceFirst("\\.$", "")
                        + ". Dependent work is paused"
                        + (unanswered ? " until a call under way is answered" : "")
                        + "; next try in "
                        + Math.round((nextTry - changed) / 1e9)
                        + (unanswered ? " s at the latest" : " s"));
    }

    private static Duration clamped(Duration pause) {
        return pause.compareTo(SHORTEST) < 0 ? SHORTEST : pause.compareTo(LONGEST) > 0 ? LONGEST : pause;
    }

    /**
     * For the library, which would else wait by the machine's clock and so for an hour longer when that is put back.
     */
    private static final class MonotonicClock extends Clock {

        private final BreakerRegistry all;
        private final long origin;

        MonotonicClock(BreakerRegistry all) {
            this.all = all;
            this.origin = all.now();
        }

        @Override
        public Instant instant() {
            return Instant.EPOCH.plusNanos(all.now() - origin);
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
