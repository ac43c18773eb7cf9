package de.contactsync.jtl;

import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.oauth.Credential;
import de.contactsync.oauth.CredentialSource;
import de.contactsync.resilience.Breaker;
import de.contactsync.resilience.Outage.Kind;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** The key of an app that was registered with a JTL-Wawi on its owner's server, by the command {@code register}. */
public final class WawiKeySource implements CredentialSource {

    private static final Duration AGAIN = Duration.ofSeconds(10);

    private final JtlSettings settings;
    private final Supplier<Optional<WawiRegistration>> stored;
    private final String command;
    private final Breaker breaker;
    private volatile WawiKey key;
    private volatile String fingerprint;
    private volatile long readAt;

    /**
     * @param stored  reads what {@code register} has stored
     * @param command that registers, for people
     * @param breaker of those who need the key
     */
    public WawiKeySource(
            JtlSettings settings, Supplier<Optional<WawiRegistration>> stored, String command, Breaker breaker) {
        this.settings = settings;
        this.stored = stored;
        this.command = command;
        this.breaker = breaker;
    }

    @Override
    public Credential current() {
        return key();
    }

    /** The version of the API that calls are made with. */
    public String apiVersion() {
        return key().apiVersion();
    }

    private WawiKey key() {
        WawiKey held = key;
        if (held != null) {
            return held;
        }
        if (!breaker.tryAcquire()) {
            throw breaker.exception();
        }
        long began = breaker.now();
        try {
            WawiKey read = read().orElse(null);
            if (read == null) {
                throw breaker.open(
                        began,
                        Kind.SETTINGS,
                        "This app is not registered with the JTL-Wawi at " + settings.baseUrl() + ": run the command "
                                + command);
            }
            key = read;
            breaker.recordSuccess();
            return read;
        } catch (RuntimeException e) {
            breaker.release();
            throw e;
        }
    }

    private Optional<WawiKey> read() {
        readAt = breaker.now();
        return stored.get().map(registration -> {
            fingerprint = registration.fingerprint();
            return new WawiKey(
                    registration.key(),
                    settings.app(),
                    settings.apiVersion() == null ? registration.apiVersion() : settings.apiVersion());
        });
    }

    /** SHA-256 of the certificate that the server must show; null where it must be trusted. */
    public String fingerprint() {
        if (settings.fingerprint() != null) {
            return settings.fingerprint();
        }
        key();
        if (fingerprint != null && breaker.now() - readAt > AGAIN.toNanos()) {
            // The server may have got another certificate, and the app been registered anew for it.
            read().ifPresent(read -> key = read);
        }
        return fingerprint;
    }

    /** Of an app that was registered anew meanwhile. */
    @Override
    public CompletableFuture<Boolean> replace(Credential used) {
        try {
            return CompletableFuture.completedFuture(awaitReplacement(used));
        } catch (ProcessingHaltedException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public synchronized boolean awaitReplacement(Credential used) {
        if (key != null && key.secret().equals(used.secret())) {
            read().ifPresent(read -> key = read);
        }
        return key == null || !key.secret().equals(used.secret());
    }

    @Override
    public boolean isAway() {
        return breaker.outage().isPresent();
    }

    @Override
    public Optional<Duration> tokenAge() {
        return Optional.empty();
    }

    @Override
    public void close() {
        // Whoever gave us what is stored closes it.
    }
}
