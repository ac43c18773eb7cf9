package de.contactsync.faults;

/** How long and how much: {@code -Dfaults.scale=full} for the full figures, which take hours rather than minutes. */
final class Scale {

    private static final boolean FULL = "full".equals(System.getProperty("faults.scale"));

    /** Of everything random in these tests; {@code -Dfaults.seed=N} for another one. */
    static final long SEED = Long.getLong("faults.seed", 20_261_121);

    private Scale() {}

    static int of(int scaled, int full) {
        return FULL ? full : scaled;
    }
}
