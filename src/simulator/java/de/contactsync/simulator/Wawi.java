package de.contactsync.simulator;

import java.util.Arrays;
import java.util.Locale;

/**
 * How the JTL-Wawi on its owner's server behaves that the simulator plays under {@code /api/eazybusiness}.
 *
 * @param registration what becomes of a registration
 * @param version      of its API: 1, in PascalCase, or 2, in camelCase; the other is refused
 * @param pending      how often the app is told to wait before the person clicks
 */
public record Wawi(Registration registration, int version, int pending) {

    /** As {@link Registration} says. */
    public enum Registration {
        /** The person accepts it. */
        ACCEPTED,
        /** The person rejects it. */
        REJECTED,
        /** Nobody clicks anything. */
        PENDING,
        /** No window is open that takes registrations. */
        CLOSED,
        /** The JTL-Wawi has no licence for its REST server. */
        NO_LICENCE,
        /** The app is registered already. */
        ALREADY,
        /** The registration ends before anybody accepts it. */
        EXPIRED,
        /** It is accepted, and the connection ends before the key has arrived; it is told once. */
        KEY_LOST;

        /** @throws IllegalArgumentException naming those there are */
        public static Registration parse(String word) {
            return Arrays.stream(values())
                    .filter(value -> Fault.word(value).equals(word))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("\"" + word + "\" is none of "
                            + Arrays.toString(values()).toLowerCase(Locale.ROOT).replace('_', '-')));
        }
    }

    public static final Wawi ACCEPTING = new Wawi(Registration.ACCEPTED, 2, 1);
}
