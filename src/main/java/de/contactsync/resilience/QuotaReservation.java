package de.contactsync.resilience;

import de.contactsync.model.ProcessingHaltedException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The calls that one lane may make of a quota that several processes keep together: reserved ahead, for a tenth of a
 * second at once, so that a round trip each does not slow a large quota down. Guarded by the lock of its dispatcher,
 * except for {@link #reserve}.
 */
public final class QuotaReservation {

    private static final Logger LOG = LoggerFactory.getLogger(QuotaReservation.class);

    private static final int RESERVATIONS_PER_SECOND = 10;
    /** Of the quota, as the calls of one reservation may start all at once. */
    private static final int LARGEST_SHARE = 100;

    private static final Duration FAILURE_PAUSE = Duration.ofSeconds(1);

    private final SharedQuota quota;
    private final String name;
    private int left;
    private long usableFrom;
    private boolean reserving;
    private boolean failed;
    private long failedUntil;

    /** @param name the quota's, the same in all processes */
    public QuotaReservation(SharedQuota quota, String name) {
        this.quota = quota;
        this.name = name;
    }

    /** Whether a call may start now. */
    boolean hasPermit(long now) {
        return left > 0 && usableFrom - now <= 0;
    }

    /** A call has started; one too many while the quota was not known costs nothing. */
    void usePermit() {
        left = Math.max(0, left - 1);
    }

    /** True for whoever has to {@link #reserve} for more now. */
    boolean beginReservation(long now) {
        failed &= failedUntil - now > 0;
        if (left > 0 || reserving || failed) {
            return false;
        }
        reserving = true;
        return true;
    }

    /** Nanoseconds until those in hand may be used; at least 1. */
    long untilUsable(long now) {
        return left > 0
                ? Math.max(1, usableFrom - now)
                : failed ? Math.max(1, failedUntil - now) : FAILURE_PAUSE.toNanos();
    }

    /**
     * Blocks for a round trip, and for as long as the database is waited for.
     *
     * @return for {@link #accept}; null when it failed in a way that may be temporary
     * @throws ProcessingHaltedException when nothing can be reserved, and nobody should wait for it
     */
    Reserved reserve(QuotaHeaders known) {
        double perSecond = known.limit() * 1e9 / known.interval().toNanos();
        int calls = (int)
                Math.max(1, Math.min(perSecond / RESERVATIONS_PER_SECOND, (double) known.limit() / LARGEST_SHARE));
        try {
            return new Reserved(calls, System.nanoTime() + quota.reserve(name, known.limit(), known.interval(), calls));
        } catch (ProcessingHaltedException e) {
            throw e;
        } catch (RuntimeException e) {
            LOG.warn(
                    "nothing of the quota {} can be reserved, trying again in {} s: {}",
                    name,
                    FAILURE_PAUSE.toSeconds(),
                    e.toString());
            return null;
        }
    }

    void accept(Reserved reserved) {
        reserving = false;
        if (reserved == null) {
            failed = true;
            failedUntil = System.nanoTime() + FAILURE_PAUSE.toNanos();
        } else {
            left += reserved.calls;
            usableFrom = reserved.usableFrom;
        }
    }

    record Reserved(int calls, long usableFrom) {}
}
