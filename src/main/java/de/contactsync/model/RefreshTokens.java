package de.contactsync.model;

import java.time.Duration;

/**
 * The refresh token that is valid now, and the access token that it was last spent for. A server may give out another
 * refresh token with each answer and refuse the old one from then on (RFC 6749, section 6), so it is spent by one
 * process at a time, and the new one is kept before anybody continues. The other processes use what that one got.
 */
public interface RefreshTokens {

    /** What a process that needs an access token is to do. */
    sealed interface Turn {

        /** Spend this refresh token. Whoever gets this calls {@link #release} or {@link #refused}. */
        record Spend(String refreshToken) implements Turn {

            /** Never the token. */
            @Override
            public String toString() {
                return "Spend[…]";
            }
        }

        /** Use what another process was given. */
        record Use(Access access) implements Turn {}

        /** Come back later: another process is spending it. */
        record Wait() implements Turn {}

        /**
         * There is none.
         *
         * @param remedy for people: what happened, and what to do
         */
        record None(String remedy) implements Turn {}
    }

    /**
     * An access token.
     *
     * @param lifetime from now on
     * @param instance that the server named with it; null when it did not
     */
    record Access(String token, Duration lifetime, String instance) {

        /** Never the token. */
        @Override
        public String toString() {
            return "Access[" + lifetime + "]";
        }
    }

    /** @param unwanted access token that the caller has, of which it needs a successor; null when it has none */
    Turn claim(String unwanted);

    /**
     * @param rotated the token that takes its place; null when it stays
     * @param access  what it was spent for; null when that failed
     */
    void release(String rotated, Access access);

    /** The server does not take it, now or later: nobody shall try it again. */
    void refused();
}
