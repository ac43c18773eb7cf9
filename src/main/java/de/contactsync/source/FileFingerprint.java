package de.contactsync.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What makes a file the same file: its content.
 *
 * @param sha256    64 hex digits
 * @param lineFeeds bytes 0x0A in it: about as many as it has records, unless it is compressed or one JSON array
 */
record FileFingerprint(String sha256, long lineFeeds, Stamp stamp) {

    /** Cheap to compare: tells that a file has been touched, never that it has not. */
    record Stamp(long size, long modifiedMillis, Object fileKey) {

        static Stamp of(Path file) throws IOException {
            BasicFileAttributes attributes =
                    Files.readAttributes(file, BasicFileAttributes.class);
            return new Stamp(attributes.size(), attributes.lastModifiedTime().toMillis(), attributes.fileKey());
        }

        boolean isStillThatOf(Path file) throws IOException {
            try {
                return equals(of(file));
            } catch (NoSuchFileException e) {
                return false;
            }
        }
    }

    static FileFingerprint of(Path file) throws IOException {
        Stamp stamp = Stamp.of(file);
        MessageDigest digest = newDigest();
        byte[] buffer = new byte[65_536];
        long lineFeeds = 0;
        try (InputStream in = Files.newInputStream(file)) {
            int length;
            while ((length = in.read(buffer)) > 0) {
                digest.update(buffer, 0, length);
                for (int i = 0; i < length; i++) {
                    if (buffer[i] == '\n') {
                        lineFeeds++;
                    }
                }
            }
        }
        return new FileFingerprint(HexFormat.of().formatHex(digest.digest()), lineFeeds, stamp);
    }

    private static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
