package de.contactsync.resilience;

import java.time.Duration;

/** What an answer of a server, or its absence, means for the call. */
public sealed interface Verdict {

    Answered ANSWERED = new Answered();

    Unclear UNCLEAR = new Unclear();

    TokenRefused TOKEN_REFUSED = new TokenRefused();

    /** The server works, and has said what it was asked for. */
    record Answered() implements Verdict {}

    /** Neither proves that the server works nor that it does not: whoever asked decides. */
    record Unclear() implements Verdict {}

    /**
     * May pass.
     *
     * @param trouble    for people
     * @param pause      that the server asks for, or null
     * @param ofServer   whether it speaks of the server as a whole, rather than of what was asked
     */
    record Retry(String trouble, Duration pause, boolean ofServer) implements Verdict {}

    /**
     * The call came too early and costs no attempt.
     *
     * @param pause that the server asks for, or null
     * @param opens whether the breaker opens for a pause that is longer than any window
     */
    record QuotaSpent(Duration pause, boolean opens) implements Verdict {}

    record TokenRefused() implements Verdict {}
}
