package de.contactsync.simulator;

import java.util.List;
import java.util.UUID;

/**
 * A repeatable row of numbers that begins with a seed and ids (the SplitMix64 generator). Written out here because
 * contacts must stay the same on every Java version, which java.util's generators do not promise.
 */
final class SeededRandom {

    private static final long STEP = 0x9E3779B97F4A7C15L;

    private long state;

    SeededRandom(long seed) {
        state = mix(seed);
    }

    SeededRandom(long seed, UUID... ids) {
        this(seed);
        for (UUID id : ids) {
            with(id.getMostSignificantBits()).with(id.getLeastSignificantBits());
        }
    }

    /** The same row for the same further value, another one for another value. */
    SeededRandom with(long value) {
        state = mix(state + STEP) ^ mix(value + STEP);
        return this;
    }

    boolean chance(double share) {
        return (next() >>> 11) * 0x1.0p-53 < share;
    }

    /** 0 to {@code bound} - 1. */
    int below(int bound) {
        return (int) Long.remainderUnsigned(next(), bound);
    }

    <T> T oneOf(List<T> values) {
        return values.get(below(values.size()));
    }

    private long next() {
        state += STEP;
        return mix(state);
    }

    private static long mix(long value) {
        long z = value;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
