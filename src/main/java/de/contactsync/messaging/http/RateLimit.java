package de.contactsync.messaging.http;

import java.util.function.LongSupplier;

/** A bucket of tokens: so many requests a second, and as many at once. Thread-safe. */
final class RateLimit {

    private final int perSecond;
    private final LongSupplier nanoTime;
    private double tokens;
    private long filledAt;

    RateLimit(int perSecond, LongSupplier nanoTime) {
        this.perSecond = perSecond;
        this.nanoTime = nanoTime;
        this.tokens = perSecond;
        this.filledAt = nanoTime.getAsLong();
    }

    synchronized boolean tryAcquire() {
        long now = nanoTime.getAsLong();
        tokens = Math.min(perSecond, tokens + (now - filledAt) / 1e9 * perSecond);
        filledAt = now;
        if (tokens < 1) {
            return false;
        }
        tokens--;
        return true;
    }
}
