package de.contactsync.resilience;

import java.time.Duration;
import java.time.Instant;

/**
 * Something that work waits for.
 *
 * @param what         for people, such as {@code the token endpoint …}
 * @param reason       what was seen last, and what to do about it
 * @param since        by the machine's clock, for people
 * @param scope        who needs it
 * @param untilNextTry zero when it is due
 */
public record Outage(
        String what, Kind kind, String reason, Instant since, Duration length, Scope scope, Duration untilNextTry) {

    public enum Scope {
        /** All keys. */
        ALL,
        /** Those of one tenant. */
        TENANT,
        /** Those of one source, which keeps them. */
        SOURCE,
        /** No key, but a sink, which has what it is to send. */
        SINK
    }

    public enum Kind {
        /** May be over at any moment. */
        PASSING,
        /** Probably a person has to look at the settings. */
        SETTINGS,
        /** The same, of a certificate that is not accepted: it may be renewed there meanwhile, so it ends no start. */
        UNTRUSTED,
        /** The other side says that a person has to act: no licence, no permission, wrong credentials. */
        REFUSAL
    }
}
