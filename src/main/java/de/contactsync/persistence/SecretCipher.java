package de.contactsync.persistence;

import de.contactsync.model.ProcessingHaltedException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Encrypts texts by AES-GCM (NIST SP 800-38D) with a key of 256 bits that PBKDF2 (RFC 8018) derives from a setting.
 * The name of a secret is authenticated with it, so that none can be put in another's place. Written as
 * {@code aes1:KEY:DATA}: the first digits of the key's hash, and Base64 of nonce and cipher text.
 */
final class SecretCipher {

    static final String PREFIX = "aes1:";

    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    /** As OWASP has it for PBKDF2 with HMAC-SHA256: a quarter of a second, once a process. */
    private static final int ITERATIONS = 600_000;

    private static final byte[] SALT = "jtl-contact-sync/secrets".getBytes(StandardCharsets.UTF_8);
    private static final int KEY_ID_DIGITS = 8;

    private final SecureRandom random = new SecureRandom();
    private final SecretKeySpec key;
    private final String keyId;

    SecretCipher(String secretKey) {
        this(secretKey, ITERATIONS);
    }

    /** @param iterations of PBKDF2: another number derives another key */
    SecretCipher(String secretKey, int iterations) {
        try {
            byte[] derived = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(new PBEKeySpec(secretKey.toCharArray(), SALT, iterations, 256))
                    .getEncoded();
            this.key = new SecretKeySpec(derived, "AES");
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(derived);
            this.keyId = HexFormat.of().formatHex(hash).substring(0, KEY_ID_DIGITS);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has PBKDF2, AES and SHA-256", e);
        }
    }

    /** Whether {@code stored} was encrypted with this key. */
    boolean wrote(String stored) {
        return stored.startsWith(PREFIX + keyId + ":");
    }

    String encrypt(String name, String text) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        try {
            byte[] encrypted = cipher(Cipher.ENCRYPT_MODE, nonce, name).doFinal(text.getBytes(StandardCharsets.UTF_8));
            byte[] all = ByteBuffer.allocate(nonce.length + encrypted.length)
                    .put(nonce)
                    .put(encrypted)
                    .array();
            return PREFIX + keyId + ":" + Base64.getEncoder().encodeToString(all);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES-GCM", e);
        }
    }

    /** @param stored that this key {@linkplain #wrote has written} */
    String decrypt(String name, String stored) {
        try {
            byte[] all = Base64.getDecoder().decode(stored.substring(PREFIX.length() + KEY_ID_DIGITS + 1));
            byte[] nonce = new byte[NONCE_BYTES];
            ByteBuffer.wrap(all).get(nonce);
            return new String(
                    cipher(Cipher.DECRYPT_MODE, nonce, name).doFinal(all, NONCE_BYTES, all.length - NONCE_BYTES),
                    StandardCharsets.UTF_8);
        } catch (GeneralSecurityException | RuntimeException e) {
            throw damaged(name, e);
        }
    }

    private static ProcessingHaltedException damaged(String name, Exception e) {
        return new ProcessingHaltedException(
                "the secret " + name + " in the database was changed from outside and cannot be decrypted: log in or"
                        + " register again",
                e);
    }

    private Cipher cipher(int mode, byte[] nonce, String name) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(name.getBytes(StandardCharsets.UTF_8));
        return cipher;
    }
}
