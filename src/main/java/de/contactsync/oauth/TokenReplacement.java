package de.contactsync.oauth;

import de.contactsync.model.ProcessingHaltedException;

/**
 * What became of tokens that the API has refused with 401, and so whether it is worthwhile to fetch another one. Not
 * thread-safe: the {@link TokenSource} guards it by its lock.
 */
final class TokenReplacement {

    /** Whether a refused token made the exchange under way, or the one to come, necessary. */
    private boolean requested;
    /** The token that was fetched in place of a refused one, if it still is the current one. */
    private AccessToken replacement;
    /** Why no other token was available when one was last asked for; null when that went well. */
    private ProcessingHaltedException failure;

    private long failedAt;

    /** Whether the token took the place of a refused one so short a time ago that it is not the token's fault. */
    boolean isRecent(Credential used, long now) {
        return used == replacement && now - replacement.issuedAt() < TokenRefreshPolicy.BETWEEN_REPLACEMENTS.toNanos();
    }

    /** Why there was none a moment ago; null when one may be fetched. */
    ProcessingHaltedException recentFailure(long now) {
        return failure != null && now - failedAt < TokenRefreshPolicy.AFTER_FAILURE.toNanos() ? failure : null;
    }

    void request() {
        requested = true;
    }

    void granted(AccessToken fresh) {
        failure = null;
        replacement = requested ? fresh : null;
        requested = false;
    }

    /** While the old token is valid; else the breaker knows. */
    void failed(ProcessingHaltedException why, long now) {
        failure = why;
        failedAt = now;
    }
}
