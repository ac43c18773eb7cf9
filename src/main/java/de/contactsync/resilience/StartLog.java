package de.contactsync.resilience;

import java.util.Arrays;

/** When the latest calls started, oldest first, as {@link System#nanoTime} readings. Not thread-safe. */
final class StartLog {

    /** Starts remembered. */
    static final int SIZE = 16_384;

    private long[] starts = new long[16];
    private long count;

    /** Calls started so far, remembered or not. */
    long count() {
        return count;
    }

    void add(long start) {
        if (count == starts.length && count < SIZE) {
            // Grows with use: a tenant of a few calls takes little room.
            starts = Arrays.copyOf(starts, starts.length * 2);
        }
        starts[index(count++)] = start;
    }

    /** Replaces the only start so far. */
    void correctFirst(long start) {
        starts[0] = start;
    }

    long last() {
        return fromLast(1);
    }

    /** @param place 1 for the last start, at most as many as are remembered */
    long fromLast(int place) {
        return starts[index(count - place)];
    }

    /** Starts after an instant, as far as they are remembered. Binary search: starts only grow. */
    int since(long instant) {
        long low = Math.max(0, count - starts.length);
        long high = count;
        while (low < high) {
            long middle = low + high >>> 1;
            if (starts[index(middle)] - instant > 0) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return (int) (count - low);
    }

    private int index(long number) {
        return (int) (number % starts.length);
    }
}
