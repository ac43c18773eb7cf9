package de.contactsync.resilience;

import de.contactsync.model.ProcessingHaltedException;

/** What the work needs is unavailable: it stays with its source until a probe gets through. */
public final class OutageException extends ProcessingHaltedException {

    private final transient Breaker breaker;

    OutageException(String reason, Breaker breaker, Throwable cause) {
        super(reason, cause);
        this.breaker = breaker;
    }

    /** Whether all keys are concerned, or those of one tenant. */
    public boolean concernsAll() {
        return breaker.concernsAll();
    }

    /** Whether those of one tenant are, and no others. */
    public boolean concernsTenant() {
        return breaker.concernsTenant();
    }

    /** How it stands now. */
    public Outage outage() {
        return breaker.outage().orElseGet(() -> breaker.over(getMessage()));
    }
}
