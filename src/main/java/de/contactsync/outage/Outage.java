package de.contactsync.outage;

import java.time.Duration;
import java.time.Instant;

/**
 * Something that work waits for.
 *
 * @param what         for people, such as {@code the token endpoint …}
 * @param reason       what was seen last, and what to do about it
 * @param since        by the machine's clock, for people
 * @param everything   whether all keys need it, or those of one tenant only
 * @param untilNextTry zero when it is due
 */
public record Outage(
        String what, Kind kind, String reason, Instant since, Duration length, boolean everything, Duration untilNextTry) {

    public enum Kind {
        /** May be over at any moment. */
        PASSING,
        /** Probably a person has to look at the settings. */
        SETTINGS,
        /** The other side says that a person has to act: no licence, no permission, wrong credentials. */
        REFUSAL
    }
}
