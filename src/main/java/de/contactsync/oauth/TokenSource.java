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
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the one access token of a token endpoint, client and scope, and keeps it valid. Thread-safe; a process builds
 * one.
 *
 * <p>While there is a valid token, {@link #current()} is a volatile read. The token is renewed in the background when
 * 80 to 90 % of its life is over, or 5 to 10 minutes before its end if that is later, so callers wait for the first one
 * only. At any time no more than one exchange with the server is under way; whoever needs its result waits for that
 * one.
 *
 * <p>A {@link TokenExchange} that fails opens the {@link Breaker} of the token endpoint: every caller gets its {@link
 * ProcessingHaltedException} until a try is due, which is one request. So does an exchange that takes longer than
 * callers may wait; it goes on, and ends that outage if it succeeds. A renewal that fails while the old token is good is
 * a warning and is tried again. Whether a token that the API refuses is replaced, {@link TokenReplacement} decides.
 */
public final class TokenSource implements CredentialSource {

    private static final Logger LOG = LoggerFactory.getLogger(TokenSource.class);

    private final TokenExchange exchanges;
    private final String name;
    private final String keys;
    /** For how long callers wait for an exchange, from when it began. Real time, whatever the breaker's clock says. */
    private final Duration patience;

    private final TokenRefreshPolicy times;
    private final Scheduler scheduler;
    private final Breaker breaker;

    /** Guards all below; held for a few instructions, never over a call. */
    private final ReentrantLock lock = new ReentrantLock();

    private volatile AccessToken token;
    private CompletableFuture<AccessToken> exchange;
    /** A reading of {@link System#nanoTime()}. */
    private long exchangeBegan;

    private Future<?> renewal;
    private final TokenReplacement replacement = new TokenReplacement();
    private boolean closed;

    /** Its callers wait for as long as an exchange may take: nothing else could be done meanwhile. */
    public TokenSource(
            OAuthSettings settings, Network network, Function<String, Breaker> breaker, RandomGenerator random) {
        this(settings, network, breaker, random, null);
    }

    /**
     * @param network  the way to the token endpoint
     * @param breaker  makes one for what it is given the name of, with the scope of those who need the token
     * @param random   the process's source of chance, for jitter
     * @param patience for how long callers wait for a token; null: for as long as an exchange may take
     */
    public TokenSource(
            OAuthSettings settings,
            Network network,
            Function<String, Breaker> breaker,
            RandomGenerator random,
            Duration patience) {
        this(settings, new TokenEndpoint(settings, network), breaker, random, Scheduler.daemon("jtl-token"), patience);
    }

    TokenSource(
            OAuthSettings settings,
            TokenClient endpoint,
            Function<String, Breaker> breaker,
            RandomGenerator random,
            Scheduler scheduler,
            Duration patience) {
        this.name = settings.displayEndpoint();
        this.keys = settings.keys();
        this.times = new TokenRefreshPolicy(random);
        this.scheduler = scheduler;
        this.breaker = breaker.apply("the token endpoint " + name);
        this.exchanges = new TokenExchange(settings, endpoint, this.breaker, random, new ExchangeOwner());
        this.patience = patience == null ? exchanges.longest() : patience;
    }

    /**
     * A token that is valid now. Waits when there is none.
     *
     * @throws ProcessingHaltedException when there is none available; its message says what to look at
     */
    @Override
    public AccessToken current() {
        AccessToken held = token;
        if (held != null && held.isUsable(breaker.now())) {
            return held;
        }
        CompletableFuture<AccessToken> next = next();
        return await(next, () -> breaker.openUnanswered(unanswered(), null));
    }

    private String unanswered() {
        return "Token endpoint " + name + " has not answered for " + patience.toSeconds() + " s. Check " + keys
                + ".token-endpoint and the network.";
    }

    /** Until callers may wait no longer for the exchange under way, in ns. */
    private long left() {
        lock.lock();
        try {
            return Math.max(0, patience.toNanos() - (System.nanoTime() - exchangeBegan));
        } finally {
            lock.unlock();
        }
    }

    /** @param late what to throw when there is no result in time */
    private <T> T await(CompletableFuture<T> result, Supplier<ProcessingHaltedException> late) {
        try {
            return result.get(left(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof ProcessingHaltedException processingHaltedException
                    ? processingHaltedException
                    : new ProcessingHaltedException("no token: " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            throw late.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ProcessingHaltedException("Interrupted while waiting for a token from " + name + ".", e);
        }
    }

    /**
     * Fetches a token in place of {@code used}, which the API has refused with 401 for one of those who use it. Only of
     * that one: when it has been replaced already, the newer token stays. The old one stays in use until the other is
     * there, as whoever is refused with it may be the only one. And not endlessly: a token that was itself fetched in
     * place of a refused one is kept for its first 30 s. A server that refuses single contacts with 401, or every fresh
     * token, thus causes one token request in 30 s and not one per contact.
     *
     * @return whether a further call has another token to try (false: this 401 is not the token's fault); fails with a
     *        {@link ProcessingHaltedException} when none is available, or callers have waited for long
     */
    @Override
    public CompletableFuture<Boolean> replace(Credential used) {
        Objects.requireNonNull(used, "used");
        lock.lock();
        try {
            long now = breaker.now();
            if (token != used) {
                return CompletableFuture.completedFuture(true);
            }
            if (replacement.isRecent(used, now)) {
                return CompletableFuture.completedFuture(false);
            }
            if (closed) {
                return CompletableFuture.failedFuture(new ProcessingHaltedException("The token source is closed."));
            }
            if (exchange == null) {
                ProcessingHaltedException failure = replacement.recentFailure(now);
                if (failure != null) {
                    return CompletableFuture.failedFuture(failure);
                }
                LOG.info("Token refused by the API, fetching another");
                begin();
            }
            replacement.request();
            return exchange.thenApply(fresh -> true)
                    .orTimeout(left(), TimeUnit.NANOSECONDS)
                    .exceptionally(failure -> {
                        throw failure instanceof CompletionException failed
                                ? failed
                                : new ProcessingHaltedException(unanswered(), failure);
                    });
        } finally {
            lock.unlock();
        }
    }

    /**
     * As {@link #replace}, and waits for it.
     *
     * @throws ProcessingHaltedException when no other token is available now; the old one stays in use
     */
    @Override
    public boolean awaitReplacement(Credential used) {
        return await(replace(used), () -> new ProcessingHaltedException(unanswered()));
    }

    /** How long ago the token was asked for that is in use; empty when there is none. */
    @Override
    public Optional<Duration> tokenAge() {
        AccessToken held = token;
        return held == null ? Optional.empty() : Optional.of(Duration.ofNanos(breaker.now() - held.issuedAt()));
    }

    /** Whether the token endpoint is known to be unavailable. */
    @Override
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
            if (held != null && held.isUsable(breaker.now())) {
                return CompletableFuture.completedFuture(held);
            }
            if ((exchange == null || isAway() && left() == 0) && !breaker.tryAcquire()) {
                return CompletableFuture.failedFuture(breaker.exception());
            }
            if (exchange == null) {
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
        exchangeBegan = System.nanoTime();
        exchanges.begin();
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

    /** What becomes of an exchange. Futures are completed outside the lock. */
    private final class ExchangeOwner implements TokenExchange.Owner {

        @Override
        public void schedule(Duration wait, Runnable attempt) {
            lock.lock();
            try {
                if (!closed) {
                    scheduler.schedule(wait, attempt);
                }
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void granted(TokenResult.Granted granted, long began) {
            Duration lifetime = granted.lifetime();
            AccessToken fresh = new AccessToken(granted.value(), began, began + lifetime.toNanos(), granted.instance());
            CompletableFuture<AccessToken> ended;
            lock.lock();
            try {
                ended = end();
                if (!closed) {
                    token = fresh;
                    replacement.granted(fresh);
                    renewIn(times.untilRenewal(lifetime).minusNanos(breaker.now() - began), fresh);
                }
            } finally {
                lock.unlock();
            }
            ended.complete(fresh);
        }

        @Override
        public void failed(Kind kind, String trouble, Throwable cause, long began) {
            ProcessingHaltedException halt = new ProcessingHaltedException(trouble, cause);
            CompletableFuture<AccessToken> ended;
            lock.lock();
            try {
                ended = end();
                long now = breaker.now();
                Duration valid = Duration.ofNanos(token == null ? 0 : token.expiresAt() - now);
                if (!closed && valid.toNanos() > 0) {
                    LOG.warn(
                            "Renewing the token failed; the current one is valid for another {} s: {}",
                            valid.toSeconds(),
                            trouble);
                    renewIn(times.untilNextRenewal(valid), token);
                    replacement.failed(halt, now);
                } else if (!closed) {
                    // One that was waited for in vain may be older than the outage.
                    halt = breaker.open(left() > 0 ? began : now, kind, trouble, cause);
                }
            } finally {
                lock.unlock();
            }
            ended.completeExceptionally(halt);
        }
    }

    /** Under the lock. */
    private CompletableFuture<AccessToken> end() {
        CompletableFuture<AccessToken> ended = exchange;
        exchange = null;
        return ended;
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
        exchanges.close();
        if (waiting != null) {
            waiting.completeExceptionally(new ProcessingHaltedException("The token source is closed."));
        }
    }
}
