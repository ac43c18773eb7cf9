package de.contactsync.model;

import java.util.Optional;

/**
 * The refresh token that is good now. A server may give out another with each answer and refuse the old one from then
 * on (RFC 6749, section 6), so it must be spent by one process at a time, and the new one kept before anybody
 * continues.
 */
public interface RefreshTokens {

    /** Empty while another process is spending it. Whoever has got it calls {@link #release}. */
    Optional<String> claim();

    /** @param rotated the token that takes its place; null when it stays */
    void release(String rotated);
}
