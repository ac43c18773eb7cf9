package de.contactsync.oauth;

import de.contactsync.http.Network;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.resilience.Breaker;
import de.contactsync.resilience.Outage.Kind;
import de.contactsync.resilience.Scheduler;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the one access token of a token endpoint, client and scope, and sees to it that it stays valid. Thread-safe; a
 * process builds one.
 *
 * <p>While there is a valid token, {@link #current()} is a volatile read. The token is renewed in the background when
 * 80 to 90 % of its life is over, or 5 to 10 minutes before its end if that is later, so callers wait for the first one
 * only. At any time no more than one exchange with the server is under way; whoever needs its result waits for that
 * one.
 *
 * <p>Failures that may pass (no answer, 408, 425, 429, 5xx, no OAuth answer) are tried again up to
 * {@link OAuthSettings#maxAttempts} times. Between attempts pass 0.5 s, 1 s, 2 s and so on up to 10 s, less up to half
 * of it by chance; or what the server's Retry-After says, up to 30 s, if that is longer. What fails then, or lasts,
 * opens the {@link Breaker} of the token endpoint: every caller gets its {@link ProcessingHaltedException}, until a try
 * is due, which is one request. A renewal that fails while the old token is good is a warning and is tried again.
 */
public final class TokenSource implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TokenSource.class);

    private final TokenClient endpoint;
    private final String name;
    private final String keys;
    private final int maxAttempts;
    /** Real time, whatever {@link #nanoTime} says: longer than an exchange can take with all its attempts. */
    private final Duration patience;

    private final LongSupplier nanoTime;
    private final TokenRefreshPolicy times;
    private final Scheduler scheduler;
    private final Breaker breaker;

    /** Guards all below; held for a few instructions, never over a call. */
    private final ReentrantLock lock = new ReentrantLock();

    private volatile AccessToken token;
    private CompletableFuture<AccessToken> exchange;
    private Future<?> renewal;
    /** Whether a dropped token made the exchange under way, or the one to come, necessary. */
    private boolean afterDrop;
    /** The token that was fetched in place of a dropped one, if it still is the current one. */
    private AccessToken replacement;
    /** Why no other token was available when one was last asked for; null when that went well. */
    private ProcessingHaltedException notReplaced;

    private long notReplacedAt;
    private boolean closed;

    /**
     * @param network  the way to the token endpoint
     * @param breaker  makes one for what it is given the name of, with the scope of those who need the token
     * @param nanoTime the process's monotonic clock, {@link System#nanoTime()}
     * @param random   the process's source of chance, for jitter
     */
    public TokenSource(
            OAuthSettings settings,
            Network network,
            Function<String, Breaker> breaker,
            LongSupplier nanoTime,
            RandomGenerator random) {
        this(settings, new TokenEndpoint(settings, network), breaker, nanoTime, random, Scheduler.daemon("jtl-token"));
    }

    TokenSource(
            OAuthSettings settings,
            TokenClient endpoint,
            Function<String, Breaker> breaker,
            LongSupplier nanoTime,
            RandomGenerator random,
            Scheduler scheduler) {
        this.endpoint = endpoint;
        this.name = settings.displayEndpoint();
        this.keys = settings.keys();
        this.maxAttempts = settings.maxAttempts();
        this.patience = settings.deadline()
                .plus(TokenRefreshPolicy.LONGEST_RETRY_AFTER)
                .multipliedBy(maxAttempts)
                .plusSeconds(5);
        this.nanoTime = nanoTime;
        this.times = new TokenRefreshPolicy(random);
        this.scheduler = scheduler;
        this.breaker = breaker.apply("the token endpoint " + name);
    }

    /**
     * A token that is valid now. Waits when there is none.
     *
     * @throws ProcessingHaltedException when there is none available; its message says what to look at
     */
    public AccessToken current() {
        AccessToken held = token;
        if (held != null && held.isUsable(nanoTime.getAsLong())) {
            return held;
        }
        return await(next());
    }

    private <T> T await(CompletableFuture<T> result) {
        try {
            return result.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof ProcessingHaltedException processingHaltedException
                    ? processingHaltedException
                    : new ProcessingHaltedException("no token: " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            throw new ProcessingHaltedException("No token from " + name + " within " + patience.toSeconds() + " s.", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ProcessingHaltedException("Interrupted while waiting for a token from " + name + ".", e);
        }
    }

    /**
     * Drops {@code used}, which the API has refused with 401, so that the next {@link #current()} fetches another. Only
     * that one: when it has been replaced already, the newer token stays. And not endlessly: a token that was itself
     * fetched in place of a dropped one is kept for its first 30 s. A server that refuses single contacts with 401, or
     * every fresh token, thus causes one token request in 30 s and not one per contact.
     *
     * @return whether a further call has another token to try; false: this 401 is not the token's fault
     */
    public boolean invalidate(AccessToken used) {
        Objects.requireNonNull(used, "used");
        lock.lock();
        try {
            if (token != used) {
                return true;
            }
            if (used == replacement
                    && nanoTime.getAsLong() - used.issuedAt() < TokenRefreshPolicy.BETWEEN_DROPS.toNanos()) {
                LOG.debug("Token refused again shortly after it was fetched anew; keeping it");
                return false;
            }
            LOG.info("Token refused by the API, dropping it");
            token = null;
            afterDrop = true;
            cancelRenewal();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Fetches a token in place of {@code used}, which the API has refused with 401 for one of those who use it. It
     * stays in use until the other is there: who refuses it may be the only one. As with {@link #invalidate}, not
     * endlessly.
     *
     * @return whether a further call has another token to try; fails with a {@link ProcessingHaltedException} when none
     *        is available
     */
    public CompletableFuture<Boolean> replace(AccessToken used) {
        Objects.requireNonNull(used, "used");
        lock.lock();
        try {
            long now = nanoTime.getAsLong();
            if (token != used) {
                return CompletableFuture.completedFuture(true);
            }
            if (used == replacement && now - used.issuedAt() < TokenRefreshPolicy.BETWEEN_DROPS.toNanos()) {
                return CompletableFuture.completedFuture(false);
            }
            if (closed) {
                return CompletableFuture.failedFuture(new ProcessingHaltedException("The token source is closed."));
            }
            if (exchange == null) {
                if (notReplaced != null && now - notReplacedAt < TokenRefreshPolicy.BETWEEN_REPLACEMENTS.toNanos()) {
                    return CompletableFuture.failedFuture(notReplaced);
                }
                LOG.info("Token refused by the API, fetching another");
                begin();
            }
            afterDrop = true;
            return exchange.thenApply(fresh -> true);
        } finally {
            lock.unlock();
        }
    }

    /**
     * As {@link #replace}, and waits for it.
     *
     * @throws ProcessingHaltedException when no other token is available now; the old one stays in use
     */
    public boolean awaitReplacement(AccessToken used) {
        return await(replace(used));
    }

    /** How long ago the token was asked for that is in use; empty when there is none. */
    public Optional<Duration> tokenAge() {
        AccessToken held = token;
        return held == null ? Optional.empty() : Optional.of(Duration.ofNanos(nanoTime.getAsLong() - held.issuedAt()));
    }

    /** Whether the token endpoint is known to be unavailable. */
    public boolean isAway() {
        return breaker.outage().isPresent();
    }

    /** The exchange under way, or a new one, or what is known without one. */
    private CompletableFuture<AccessToken> next() {
        lock.lock();
        try {
            if (closed) {
                return CompletableFuture.failedFuture(new ProcessingHaltedException("The token source is closed."));
            }
            AccessToken held = token;
            if (held != null && held.isUsable(nanoTime.getAsLong())) {
                return CompletableFuture.completedFuture(held);
            }
            if (exchange == null) {
                if (!breaker.tryAcquire()) {
                    return CompletableFuture.failedFuture(breaker.exception());
                }
                begin();
            }
            return exchange;
        } finally {
            lock.unlock();
        }
    }

    /** Under the lock. */
    private void begin() {
        cancelRenewal();
        exchange = new CompletableFuture<>();
        scheduler.schedule(Duration.ZERO, () -> attempt(1));
    }

    private void renew(AccessToken old) {
        lock.lock();
        try {
            if (token == old && exchange == null && !closed) {
                begin();
            }
        } finally {
            lock.unlock();
        }
    }

    private void attempt(int number) {
        long askedAt = nanoTime.getAsLong();
        TokenResult answer;
        try {
            answer = endpoint.request();
        } catch (RuntimeException | Error e) {
            failed(
                    askedAt,
                    Kind.PASSING,
                    "Asking " + name + " for a token failed, a fault of ours: "
                            + e.getClass().getName(),
                    e);
            throw e;
        }
        if (answer instanceof TokenResult.Granted granted) {
            granted(granted, askedAt);
        } else if (answer instanceof TokenResult.Refused refused) {
            failed(askedAt, Kind.REFUSAL, refused.message(), null);
        } else if (answer instanceof TokenResult.Unavailable unavailable) {
            unavailable(unavailable, number, askedAt);
        }
    }

    private void granted(TokenResult.Granted granted, long askedAt) {
        Duration lifetime = granted.lifetime();
        AccessToken fresh = new AccessToken(granted.value(), askedAt, askedAt + lifetime.toNanos(), granted.instance());
        finish(() -> {
                    token = fresh;
                    notReplaced = null;
                    breaker.recordSuccess();
                    replacement = afterDrop ? fresh : null;
                    afterDrop = false;
                    renewIn(times.untilRenewal(lifetime).minusNanos(nanoTime.getAsLong() - askedAt), fresh);
                })
                .complete(fresh);
        LOG.debug("Token from {}, valid for {} s", name, lifetime.toSeconds());
    }

    private void unavailable(TokenResult.Unavailable answer, int number, long askedAt) {
        if (number >= maxAttempts || breaker.isProbing()) {
            failed(
                    askedAt,
                    Kind.PASSING,
                    "Token endpoint " + name + " out of reach after " + number
                            + (number == 1 ? " attempt" : " attempts") + ", last: " + answer.message()
                            + ". Check " + keys + ".token-endpoint and the network.",
                    null);
            return;
        }
        Duration wait = times.backoff(number, answer.retryAfter());
        LOG.warn(
                "Token endpoint {}: {}; attempt {} of {}, the next in {} ms",
                name,
                answer.message(),
                number,
                maxAttempts,
                wait.toMillis());
        lock.lock();
        try {
            if (!closed) {
                scheduler.schedule(wait, () -> attempt(number + 1));
            }
        } finally {
            lock.unlock();
        }
    }

    private void failed(long askedAt, Kind kind, String trouble, Throwable cause) {
        AtomicReference<ProcessingHaltedException> halt =
                new AtomicReference<>(new ProcessingHaltedException(trouble, cause));
        finish(() -> {
                    AccessToken held = token;
                    Duration left = Duration.ofNanos(held == null ? 0 : held.expiresAt() - nanoTime.getAsLong());
                    if (left.toNanos() > 0) {
                        LOG.warn(
                                "Renewing the token failed, it is good for another {} s: {}",
                                left.toSeconds(),
                                trouble);
                        renewIn(times.untilNextRenewal(left), held);
                        notReplaced = halt.get();
                        notReplacedAt = nanoTime.getAsLong();
                    } else {
                        halt.set(breaker.open(askedAt, kind, trouble, cause));
                    }
                })
                .completeExceptionally(halt.get());
    }

    /** Ends the exchange with {@code change} and hands out its future, to be completed outside the lock. */
    private CompletableFuture<AccessToken> finish(Runnable change) {
        lock.lock();
        try {
            CompletableFuture<AccessToken> done = exchange;
            exchange = null;
            if (!closed) {
                change.run();
            }
            return done;
        } finally {
            lock.unlock();
        }
    }

    /** Under the lock. */
    private void renewIn(Duration delay, AccessToken old) {
        renewal = scheduler.schedule(delay.isNegative() ? Duration.ZERO : delay, () -> renew(old));
    }

    /** Under the lock. */
    private void cancelRenewal() {
        if (renewal != null) {
            renewal.cancel(false);
            renewal = null;
        }
    }

    /** Ends the renewal and the connection; whoever waits for a token gets a {@link ProcessingHaltedException}. */
    @Override
    public void close() {
        lock.lock();
        CompletableFuture<AccessToken> waiting;
        try {
            closed = true;
            waiting = exchange;
        } finally {
            lock.unlock();
        }
        scheduler.close();
        endpoint.close();
        if (waiting != null) {
            waiting.completeExceptionally(new ProcessingHaltedException("The token source is closed."));
        }
    }
}
