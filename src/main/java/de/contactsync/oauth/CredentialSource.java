package de.contactsync.oauth;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** One way in to an API: where the credential of its calls comes from. Thread-safe. */
public interface CredentialSource extends AutoCloseable {

    /**
     * A credential that is valid now. May wait for it.
     *
     * @throws de.contactsync.model.ProcessingHaltedException when there is none; its message says what to do
     */
    Credential current();

    /**
     * Gets another credential in place of {@code used}, which the API has refused with 401. It stays in use until the
     * other is there.
     *
     * @return whether a further call has another one to try; fails with a
     *         {@link de.contactsync.model.ProcessingHaltedException} when none can be had now
     */
    CompletableFuture<Boolean> replace(Credential used);

    /**
     * As {@link #replace}, and waits for it.
     *
     * @throws de.contactsync.model.ProcessingHaltedException when no other can be had now; the old one stays in use
     */
    boolean awaitReplacement(Credential used);

    /** Whether what the credential comes from is known to be unavailable. */
    boolean isAway();

    /** How old the credential in use is; empty when there is none, or it does not age. */
    Optional<Duration> tokenAge();

    @Override
    void close();
}
