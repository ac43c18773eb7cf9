package de.contactsync.simulator;

import java.util.ArrayDeque;

/** Counts calls against a limit. Not safe for concurrent use. All times in nanoseconds of one monotonic source. */
sealed interface QuotaWindow {

    /**
     * Counts one call, unless it is over the limit: refused calls cost nothing.
     *
     * @param limit may differ from call to call
     */
    Verdict take(int limit, long now);

    /**
     * @param remaining calls that may follow at once
     * @param untilNext until a call is let in again, 0 if this one was
     */
    record Verdict(boolean admitted, int remaining, long untilNext) {}

    static QuotaWindow of(Quota quota, long now) {
        long interval = quota.interval().toNanos();
        return switch (quota.window()) {
            case FIXED -> new Fixed(interval, true);
            case NONE -> new Fixed(interval, false);
            case SLIDING -> new Sliding(interval);
            case BUCKET -> new Bucket(interval, quota.limit(), now);
        };
    }

    final class Fixed implements QuotaWindow {
        private final long interval;
        private final boolean enforced;
        private boolean begun;
        private long begin;
        private int used;

        private Fixed(long interval, boolean enforced) {
            this.interval = interval;
            this.enforced = enforced;
        }

        @Override
        public Verdict take(int limit, long now) {
            if (!begun || now - begin >= interval) {
                begun = true;
                begin = now;
                used = 0;
            }
            if (enforced && used >= limit) {
                return new Verdict(false, 0, begin + interval - now);
            }
            used++;
            return new Verdict(true, Math.max(0, limit - used), 0);
        }
    }

    final class Sliding implements QuotaWindow {
        private final long interval;
        private final ArrayDeque<Long> calls = new ArrayDeque<>();

        private Sliding(long interval) {
            this.interval = interval;
        }

        @Override
        public Verdict take(int limit, long now) {
            while (!calls.isEmpty() && now - calls.peekFirst() >= interval) {
                calls.removeFirst();
            }
            if (calls.size() >= limit) {
                return new Verdict(false, 0, calls.peekFirst() + interval - now);
            }
            calls.addLast(now);
            return new Verdict(true, limit - calls.size(), 0);
        }
    }

    final class Bucket implements QuotaWindow {
        private final long interval;
        private double tokens;
        private long last;

        private Bucket(long interval, int limit, long now) {
            this.interval = interval;
            this.tokens = limit;
            this.last = now;
        }

        @Override
        public Verdict take(int limit, long now) {
            tokens = Math.min(limit, tokens + (double) (now - last) * limit / interval);
            last = now;
            if (tokens < 1) {
                return new Verdict(false, 0, (long) Math.ceil((1 - tokens) * interval / limit));
            }
            tokens--;
            return new Verdict(true, (int) tokens, 0);
        }
    }
}
