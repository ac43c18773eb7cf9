package de.contactsync.source;

import java.time.Duration;

/** How long the source waits after a halt: longer each time, until a pass gets through. Thread-safe. */
final class Pause {

    private static final Duration SHORTEST = Duration.ofSeconds(5);
    private static final Duration LONGEST = Duration.ofMinutes(1);

    private Duration length = Duration.ZERO;
    private long until;

    synchronized boolean isOn() {
        return !length.isZero() && System.nanoTime() < until;
    }

    synchronized void extend() {
        Duration doubled = length.isZero() ? SHORTEST : length.multipliedBy(2);
        length = doubled.compareTo(LONGEST) > 0 ? LONGEST : doubled;
        until = System.nanoTime() + length.toNanos();
    }

    synchronized void end() {
        length = Duration.ZERO;
    }

    synchronized Duration length() {
        return length;
    }
}
