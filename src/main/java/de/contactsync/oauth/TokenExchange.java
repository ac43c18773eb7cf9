package de.contactsync.oauth;

import de.contactsync.resilience.AdaptiveRateLimiter;
import de.contactsync.resilience.Backoff;
import de.contactsync.resilience.Breaker;
import de.contactsync.resilience.ClientLoop;
import de.contactsync.resilience.Outage.Kind;
import de.contactsync.resilience.Verdict;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches a token, with as many tries as {@link OAuthSettings#maxAttempts} allows, as a {@link ClientLoop} has it:
 * failures that may pass (no answer, 408, 425, 429, 5xx, no OAuth answer) are tried again.
 */
final class TokenExchange {

    /** Whoever has begun an exchange. */
    interface Owner {

        /** @param began when the try began that brought the token */
        void granted(TokenResult.Granted granted, long began);

        /** @param began when the last try began */
        void failed(Kind kind, String trouble, Throwable cause, long began);

        /** Runs a try later, unless nobody wants the token any more. */
        void schedule(Duration wait, Runnable attempt);
    }

    private static final Logger LOG = LoggerFactory.getLogger(TokenExchange.class);

    private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(500), Duration.ofSeconds(10));

    /** Most of a server's Retry-After that is honoured. */
    private static final Duration LONGEST_RETRY_AFTER = Duration.ofSeconds(30);

    private final TokenClient endpoint;
    private final String name;
    private final String keys;
    private final int maxAttempts;
    private final Duration longest;
    private final Breaker breaker;
    private final ClientLoop.Retries retries;
    private final AdaptiveRateLimiter limiter = new AdaptiveRateLimiter(0, true);
    private final Owner owner;

    TokenExchange(OAuthSettings settings, TokenClient endpoint, Breaker breaker, RandomGenerator random, Owner owner) {
        this.endpoint = endpoint;
        this.name = settings.displayEndpoint();
        this.keys = settings.keys();
        this.maxAttempts = settings.maxAttempts();
        this.longest = settings.deadline()
                .plus(LONGEST_RETRY_AFTER)
                .multipliedBy(maxAttempts)
                .plusSeconds(5);
        this.breaker = breaker;
        this.retries = new ClientLoop.Retries(BACKOFF, LONGEST_RETRY_AFTER, random);
        this.owner = owner;
    }

    /** More than an exchange can take with all its tries. */
    Duration longest() {
        return longest;
    }

    void begin() {
        ClientLoop loop = new ClientLoop(limiter, breaker, retries, () -> maxAttempts);
        owner.schedule(Duration.ZERO, () -> attempt(loop));
    }

    private void attempt(ClientLoop loop) {
        loop.begin();
        TokenResult result;
        try {
            result = endpoint.request();
        } catch (RuntimeException | Error e) {
            loop.end(Verdict.UNCLEAR, null, false);
            owner.failed(Kind.PASSING, "Requesting a token from " + name + " failed (a bug): " + e, e, loop.began());
            throw e;
        }
        if (result instanceof TokenResult.Granted granted) {
            loop.end(Verdict.ANSWERED, null, true);
            owner.granted(granted, loop.began());
            LOG.debug("Token from {}, valid for {} s", name, granted.lifetime().toSeconds());
        } else if (result instanceof TokenResult.Refused refused) {
            loop.end(Verdict.UNCLEAR, null, true);
            owner.failed(Kind.REFUSAL, refused.message(), null, loop.began());
        } else if (result instanceof TokenResult.Missing missing) {
            loop.end(Verdict.UNCLEAR, null, true);
            owner.failed(Kind.SETTINGS, missing.message(), null, loop.began());
        } else if (result instanceof TokenResult.Unavailable unavailable) {
            unavailable(unavailable, loop);
        }
    }

    private void unavailable(TokenResult.Unavailable answer, ClientLoop loop) {
        int made = loop.attempts();
        String trouble = "Token endpoint " + name + " out of reach after " + made
                + (made == 1 ? " attempt" : " attempts") + ", last: " + answer.message() + ". Check " + keys
                + ".token-endpoint and the network.";
        if (!answer.mayPass()) {
            loop.end(Verdict.UNCLEAR, null, false);
            owner.failed(Kind.UNTRUSTED, trouble, null, loop.began());
            return;
        }
        if (loop.end(new Verdict.Retry(trouble, answer.retryAfter(), false), null, true) != ClientLoop.Next.AGAIN) {
            owner.failed(Kind.PASSING, trouble, null, loop.began());
            return;
        }
        LOG.warn(
                "Token endpoint {}: {}; attempt {} of {}, the next in {} ms",
                name,
                answer.message(),
                made,
                maxAttempts,
                loop.pause().toMillis());
        owner.schedule(loop.pause(), () -> attempt(loop));
    }

    void close() {
        endpoint.close();
    }
}
