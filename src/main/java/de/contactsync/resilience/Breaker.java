package de.contactsync.resilience;

import de.contactsync.resilience.Outage.Kind;
import de.contactsync.resilience.Outage.Scope;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
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
 * becomes of that decides ({@link OutageState}).
 *
 * <p>Every call allowed by {@link #tryAcquire} or {@link #acquire} must end in {@link #recordSuccess}, {@link #recordFailure},
 * {@link #open} or {@link #release}. Instants are readings of the monotonic clock. Thread-safe.
 */
public final class Breaker {

    private static final Logger LOG = LoggerFactory.getLogger(Breaker.class);

    /** So many failed calls in a row, without one that passed, are no coincidence. */
    private static final int CONVINCING = 20;

    private static final Duration PROBE_PATIENCE = Duration.ofSeconds(3);

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

    /** Whether a call has passed since it was made or last opened: otherwise nobody knows that all is well. */
    private volatile boolean passing;

    private final OutageState outage;
    private volatile long probeBegan;

    Breaker(String what, Scope scope, BreakerRegistry all) {
        this.what = what;
        this.scope = scope;
        this.all = all;
        this.changed = all.now();
        this.outage = new OutageState(what, scope, all);
        this.circuit = CircuitBreaker.of(
                what,
                CircuitBreakerConfig.custom()
                        .slidingWindow(CONVINCING, CONVINCING, SlidingWindowType.COUNT_BASED)
                        .failureRateThreshold(100)
                        .permittedNumberOfCallsInHalfOpenState(1)
                        .waitIntervalFunctionInOpenState(attempts -> opening().toMillis())
                        .clock(new MonotonicClock(all::now))
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
        if (acquired && outage.isAway()) {
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
            Duration most = isProbing() ? OutageState.LONGEST : untilNextTry().plusMillis(1);
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
        return outage.isAway()
                && circuit.getState() == State.OPEN
                && !outage.untilNextTry().isZero();
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
            if (before == State.OPEN && !outage.isUnanswered()) {
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
                notifyAll();
                all.closed(this, outage.end());
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
        return new OutageException(outage.reason(), this, null);
    }

    /** The last call under way has ended: if that was not answered either, it is time for another. */
    public void noneUnderWay() {
        if (!outage.isUnanswered()) {
            return;
        }
        synchronized (this) {
            if (outage.isUnanswered() && circuit.getState() == State.OPEN) {
                outage.tryAgainNow();
                circuit.transitionToHalfOpenState();
            }
        }
    }

    /**
     * The server refuses all calls for the quota.
     *
     * @param pause for how long from now on; null when it does not say
     * @return for whoever has to abandon its work for now
     */
    public synchronized OutageException openUntilQuota(Duration pause) {
        changeToOpen(all.now(), Kind.PASSING, quotaTrouble(pause), pause);
        return exception();
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
            if (underWay) {
                outage.noteUnanswered();
            }
            Duration next = pause == null ? outage.pause() : pause;
            outage.tryAgainIn(next);
            circuit.transitionToOpenStateFor(next);
            opened();
        }
    }

    /** The call told nothing about the thing, or was not made. */
    public void release() {
        circuit.releasePermission();
        if (outage.isAway()) {
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
        return new OutageException(outage.reason(), this, null);
    }

    /** Empty while all is well, and when nobody has needed it for a while after the next try was due. */
    public synchronized Optional<Outage> outage() {
        return outage.outage(untilNextTry());
    }

    /** Whether it is away because it answers nothing, and a call is still under way. */
    public boolean isUnanswered() {
        return outage.isUnanswered() && isHeld();
    }

    /** An outage that ended at this moment. */
    Outage over(String trouble) {
        return new Outage(what, Kind.PASSING, trouble, all.clock().instant(), Duration.ZERO, scope, Duration.ZERO);
    }

    /** For how long it has been away; zero while all is well. */
    public synchronized Duration length() {
        return outage.length();
    }

    /** Zero when a call may be made; while a probe is under way, when to look for what became of it. */
    public Duration untilNextTry() {
        return isHeld() ? outage.untilNextTry() : isProbing() ? PROBE_PATIENCE : Duration.ZERO;
    }

    private void note(Kind why, String trouble, long began) {
        failing = true;
        outage.noteFailure(why, trouble, began);
    }

    /** The length of the pause that begins now. */
    private Duration opening() {
        Duration pause = outage.pause();
        outage.tryAgainIn(pause);
        return pause;
    }

    private void opened() {
        changed = all.now();
        failing = true;
        passing = false;
        failedInARow = 0;
        notifyAll();
        String line = outage.begin();
        if (line == null) {
            LOG.debug("{} is still unavailable: {}; next probe in {}", what, outage.reason(), untilNextTry());
        } else {
            all.opened(this, line);
        }
    }
}
