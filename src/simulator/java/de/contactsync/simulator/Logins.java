package de.contactsync.simulator;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Codes and refresh tokens of people who have logged in (RFC 6749, 7636). A refresh token is good once; one that comes
 * a second time ends the whole login, as Ory Hydra has it. Thread-safe.
 */
final class Logins {

    /** What a code stands for. */
    record Code(String redirectUri, String challenge, Set<String> scopes, String nonce) {}

    private final SecureRandom random = new SecureRandom();
    private final Map<String, Code> codes = new HashMap<>();
    /** Logins by their refresh tokens, spent ones too. */
    private final Map<String, Integer> families = new HashMap<>();

    private final Map<Integer, Set<String>> scopes = new HashMap<>();
    private final Set<String> valid = new HashSet<>();
    private int logins;
    private int reused;
    private int refreshed;

    synchronized String code(Code code) {
        String text = text();
        codes.put(text, code);
        return text;
    }

    /** Null when it is unknown, spent, or of another client than the one that proves to have asked for it. */
    synchronized Code redeem(String text, String redirectUri, String verifier) {
        Code code = codes.remove(text);
        return code != null && code.redirectUri.equals(redirectUri) && code.challenge.equals(challenge(verifier))
                ? code
                : null;
    }

    private static String challenge(String verifier) {
        try {
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(MessageDigest.getInstance("SHA-256")
                            .digest(String.valueOf(verifier).getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    synchronized String begin(Set<String> ofLogin) {
        scopes.put(++logins, ofLogin);
        return next(logins);
    }

    private String next(int login) {
        String token = text();
        families.put(token, login);
        valid.add(token);
        return token;
    }

    /** The refresh token that follows; null when this one is not good, which ends its login. */
    synchronized String rotate(String token) {
        Integer login = families.get(token);
        if (login == null) {
            return null;
        }
        if (!valid.remove(token)) {
            reused++;
            revoke(token);
            return null;
        }
        refreshed++;
        return next(login);
    }

    synchronized Set<String> scopes(String token) {
        return scopes.get(families.get(token));
    }

    /** Ends the login that the refresh token belongs to; an unknown one is none. */
    synchronized void revoke(String token) {
        Integer login = families.get(token);
        valid.removeIf(other -> families.get(other).equals(login));
    }

    synchronized void revokeAll() {
        valid.clear();
    }

    synchronized int reused() {
        return reused;
    }

    synchronized int refreshed() {
        return refreshed;
    }

    private String text() {
        byte[] noise = new byte[24];
        random.nextBytes(noise);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(noise);
    }
}
