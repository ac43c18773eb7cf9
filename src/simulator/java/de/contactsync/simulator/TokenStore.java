package de.contactsync.simulator;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/** The access tokens that are out. */
final class TokenStore {

    /** Looks like the start of a JWT, and the whole is as long as one; nobody but this store can make sense of it. */
    private static final String PREFIX = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.";

    /** Not seeded: a token of an earlier run must not be good in this one. */
    private final SecureRandom random = new SecureRandom();

    private final Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();
    private final Map<String, Grant> grants = new ConcurrentHashMap<>();
    private final Duration lifetime;
    private final LongSupplier nanoTime;

    TokenStore(Duration lifetime, LongSupplier nanoTime) {
        this.lifetime = lifetime;
        this.nanoTime = nanoTime;
    }

    String issue(Set<String> scopes) {
        long now = nanoTime.getAsLong();
        grants.values().removeIf(grant -> grant.end - now <= 0);
        String token = PREFIX + part(240) + "." + part(256);
        grants.put(token, new Grant(scopes, now + lifetime.toNanos()));
        return token;
    }

    /** @return the scopes of a token that is good now */
    Optional<Set<String>> scopes(String token) {
        Grant grant = grants.get(token);
        return grant == null || grant.end - nanoTime.getAsLong() <= 0 ? Optional.empty() : Optional.of(grant.scopes);
    }

    void revokeAll() {
        grants.clear();
    }

    private String part(int bytes) {
        byte[] noise = new byte[bytes];
        random.nextBytes(noise);
        return encoder.encodeToString(noise);
    }

    /** @param end in nanoseconds of the time source */
    private record Grant(Set<String> scopes, long end) {}
}
