package de.contactsync.messaging;

import java.time.Duration;

/**
 * How many keys are taken at once: as many as are done in about half a second. Where JTL is fast that saves
 * commits; where its quota is small, little is undone that another worker could do. Not thread-safe.
 */
public final class AdaptiveBatchSize {

    private static final int FIRST = 4;
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final Duration LONG = Duration.ofMillis(1_000);

    private static final int MANY = 64;
    private static final int FEW = 16;

    private final int most;
    private int keys;
    private boolean large;

    /** @param most keys at once, however fast they are done */
    public AdaptiveBatchSize(int most) {
        this.most = most;
        this.keys = Math.min(FIRST, most);
    }

    public int keys() {
        return keys;
    }

    /** Whether so many are taken at once that it pays to have them sent ahead. Does not change back and forth. */
    public boolean isLarge() {
        return large;
    }

    /** After a batch that could not be taken. */
    public void failed() {
        keys = Math.max(1, keys / 4);
        large = false;
    }

    /** After a batch that took so long. */
    public void record(int taken, Duration time) {
        if (time.compareTo(LONG) > 0) {
            keys = Math.max(1, keys / 2);
        } else if (taken >= keys && time.compareTo(SHORT) < 0) {
            keys = Math.min(most, keys * 2);
        }
        large = keys >= MANY || large && keys > FEW;
    }
}
