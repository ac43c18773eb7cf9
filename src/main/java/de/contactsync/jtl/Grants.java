package de.contactsync.jtl;

import de.contactsync.contact.HaltException;
import de.contactsync.http.QuotaHeaders;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The calls that one lane may make of a quota that several processes keep together: reserved ahead, for a tenth of a
 * second at once, so that a round trip each does not slow a large quota down. Guarded by the lock of its dispatcher,
 * except for {@link #ask}.
 */
final class Grants {

    private static final Logger LOG = LoggerFactory.getLogger(Grants.class);

    private static final int RESERVATIONS_PER_SECOND = 10;
    /** Of the quota, as the calls of one reservation may start all at once. */
    private static final int LARGEST_SHARE = 100;
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);

    private final SharedQuota quota;
    private final String name;
    private int left;
    private long usableFrom;
    private boolean asking;
    private boolean failed;
    private long failedUntil;

    /** @param name the quota's, the same in all processes */
    Grants(SharedQuota quota, String name) {
        this.quota = quota;
        this.name = name;
    }

    /** Whether a call may start now. */
    boolean has(long now) {
        return left > 0 && usableFrom - now <= 0;
    }

    /** A call has started; one too many while the quota was not known costs nothing. */
    void use() {
        left = Math.max(0, left - 1);
    }

    /** True for whoever has to {@link #ask} for more now. */
    boolean beginAsking(long now) {
        failed &= failedUntil - now > 0;
        if (left > 0 || asking || failed) {
            return false;
        }
        asking = true;
        return true;
    }

    /** Nanoseconds until those in hand may be used; at least 1. */
    long untilUsable(long now) {
        return left > 0 ? Math.max(1, usableFrom - now)
                : failed ? Math.max(1, failedUntil - now)
                : AFTER_FAILURE.toNanos();
    }

    /**
     * Blocks for a round trip, and for as long as the database is waited for.
     *
     * @return for {@link #take}; null when it failed in a way that may pass
     * @throws HaltException when nothing can be reserved, and nobody should wait for it
     */
    Reserved ask(QuotaHeaders known) {
        double perSecond = known.limit() * 1e9 / known.interval().toNanos();
        int calls = (int) Math.max(1, Math.min(
                perSecond / RESERVATIONS_PER_SECOND, (double) known.limit() / LARGEST_SHARE));
        try {
            return new Reserved(calls, System.nanoTime() + quota.reserve(name, known.limit(), known.interval(), calls));
        } catch (HaltException e) {
            throw e;
        } catch (RuntimeException e) {
            LOG.warn("nothing of the quota {} can be reserved, trying again in {} s: {}", name,
                    AFTER_FAILURE.toSeconds(), e.toString());
            return null;
        }
    }

    void take(Reserved reserved) {
        asking = false;
        if (reserved == null) {
            failed = true;
            failedUntil = System.nanoTime() + AFTER_FAILURE.toNanos();
        } else {
            left += reserved.calls;
            usableFrom = reserved.usableFrom;
        }
    }

    record Reserved(int calls, long usableFrom) {}
}
