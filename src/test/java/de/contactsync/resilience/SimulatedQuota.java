package de.contactsync.resilience;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;

/** The quota of a server without rate headers, in virtual time; its clock and windows have nothing to do with ours. */
final class SimulatedQuota {

    enum Kind {
        /** Windows follow each other whether anybody calls or not. */
        FIXED_GRID,
        /** A window begins with the first call after the last one ended. */
        FIXED_FROM_FIRST_CALL,
        SLIDING,
        BUCKET
    }

    /** What a 429 says in {@code Retry-After}. */
    enum Retry {
        ABSENT,
        /** As a decimal fraction; no server sends it, but dates come near. */
        EXACT,
        ROUNDED_UP,
        /** Half of the time. */
        TOO_SHORT
    }

    static final long WINDOW = Duration.ofSeconds(10).toNanos();

    private final Kind kind;
    private final Retry retry;
    private final Deque<Long> log = new ArrayDeque<>();
    private int limit;
    private long began;
    private long refusedUntil;
    private boolean begun;
    private int used;
    private double tokens;
    private long filled;

    /** @param random places the first call somewhere in a window that others may have used a part of */
    SimulatedQuota(Kind kind, int limit, Retry retry, Random random) {
        this.kind = kind;
        this.retry = retry;
        this.limit = limit;
        this.tokens = limit;
        if (kind == Kind.FIXED_GRID) {
            begun = true;
            began = -(long) (random.nextDouble() * WINDOW);
        }
    }

    void limit(int newLimit) {
        limit = newLimit;
        tokens = Math.min(tokens, newLimit);
    }

    int limit() {
        return limit;
    }

    /** Refuses all calls up to then, whatever they have used. */
    void refuseUntil(long instant) {
        refusedUntil = instant;
    }

    /** @return nanoseconds until a call is let in again; 0 when this one was */
    long take(long now) {
        if (now < refusedUntil) {
            return refusedUntil - now;
        }
        return switch (kind) {
            case FIXED_GRID, FIXED_FROM_FIRST_CALL -> fixed(now);
            case SLIDING -> sliding(now);
            case BUCKET -> bucket(now);
        };
    }

    /** What the answer to a refused call says; null for nothing. */
    Duration retryAfter(long untilNext) {
        return switch (retry) {
            case ABSENT -> null;
            case EXACT -> Duration.ofNanos(untilNext);
            case ROUNDED_UP -> Duration.ofSeconds((untilNext + 999_999_999) / 1_000_000_000);
            case TOO_SHORT -> Duration.ofNanos(Math.max(1, untilNext / 2));
        };
    }

    private long fixed(long now) {
        if (!begun || now - began >= WINDOW) {
            began = kind == Kind.FIXED_GRID ? began + (now - began) / WINDOW * WINDOW : now;
            begun = true;
            used = 0;
        }
        if (used >= limit) {
            return began + WINDOW - now;
        }
        used++;
        return 0;
    }

    private long sliding(long now) {
        while (!log.isEmpty() && now - log.peek() >= WINDOW) {
            log.poll();
        }
        if (log.size() >= limit) {
            return log.peek() + WINDOW - now;
        }
        log.add(now);
        return 0;
    }

    private long bucket(long now) {
        tokens = Math.min(limit, tokens + (double) (now - filled) * limit / WINDOW);
        filled = now;
        if (tokens < 1) {
            return (long) Math.ceil((1 - tokens) * WINDOW / limit);
        }
        tokens--;
        return 0;
    }
}
