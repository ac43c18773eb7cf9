package de.contactsync.simulator;

import io.vertx.core.http.HttpServerResponse;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** The quota of the whole API while it runs: counts calls and tells the state in the headers JTL uses. */
final class RateLimit {

    private final Quota quota;
    private final LongSupplier nanoTime;
    private final QuotaWindow window;
    private int limit;

    RateLimit(Quota quota, LongSupplier nanoTime) {
        this.quota = quota;
        this.nanoTime = nanoTime;
        this.window = QuotaWindow.of(quota, nanoTime.getAsLong());
        this.limit = quota.limit();
    }

    synchronized void limit(int newLimit) {
        limit = quota.limit(newLimit).limit();
    }

    /** Counts a call and sets its headers. False: the quota is used up. */
    synchronized boolean admit(HttpServerResponse response) {
        QuotaWindow.Verdict verdict = window.take(limit, nanoTime.getAsLong());
        if (quota.headers()) {
            response.putHeader("X-RateLimit-Limit", Integer.toString(limit))
                    .putHeader(
                            "X-RateLimit-Interval-Length-Seconds",
                            seconds(quota.interval().toNanos()))
                    .putHeader("X-RateLimit-Remaining", Integer.toString(verdict.remaining()));
        }
        if (!verdict.admitted() && quota.retryAfter()) {
            response.putHeader("Retry-After", seconds(verdict.untilNext()));
        }
        return verdict.admitted();
    }

    /** Rounded up: who waits as long as told must not come too early. */
    private static String seconds(long nanos) {
        long second = TimeUnit.SECONDS.toNanos(1);
        return Long.toString((nanos + second - 1) / second);
    }
}
