package de.contactsync.model;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * JTL's model {@code CustomerContact} without its id, which is part of the {@link ContactKey}. Every field may be null
 * (JTL sent null or left it out) and may be empty; the two are kept apart.
 */
public record CustomerContact(
        String department,
        String honorific,
        String firstName,
        String lastName,
        String phoneNumber,
        String mobilePhoneNumber,
        String emailAddress,
        String fax) {

    /** 32 hex digits that change when any field does: the first half of a SHA-256 over all fields in order. */
    public String contentHash() {
        MessageDigest digest = sha256();
        update(digest, department);
        update(digest, honorific);
        update(digest, firstName);
        update(digest, lastName);
        update(digest, phoneNumber);
        update(digest, mobilePhoneNumber);
        update(digest, emailAddress);
        update(digest, fax);
        return HexFormat.of().formatHex(digest.digest(), 0, 16);
    }

    /** Length before bytes, so that no two different contacts hash the same text; -1 is null. */
    private static void update(MessageDigest digest, String field) {
        byte[] bytes = field == null ? null : field.getBytes(StandardCharsets.UTF_8);
        int length = bytes == null ? -1 : bytes.length;
        digest.update((byte) (length >> 24));
        digest.update((byte) (length >> 16));
        digest.update((byte) (length >> 8));
        digest.update((byte) length);
        if (bytes != null) {
            digest.update(bytes);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Never the values: a contact must not reach a log by way of a message. */
    @Override
    public String toString() {
        return "CustomerContact[…]";
    }
}
