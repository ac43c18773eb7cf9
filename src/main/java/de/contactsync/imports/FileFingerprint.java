package de.contactsync.imports;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What makes a file the same file: its content.
 *
 * @param sha256    64 hex digits, of the first {@code stamp.size()} bytes
 * @param lineFeeds bytes 0x0A in it: about as many as it has records, unless it is compressed or one JSON array
 * @param stamp     taken before the file was read
 */
record FileFingerprint(String sha256, long lineFeeds, Stamp stamp) {

    /**
     * Cheap to compare: tells that a file has been touched, never that it has not.
     *
     * @param fileKey device and inode, null where the file system has none
     */
    record Stamp(long size, FileTime modified, Object fileKey) {

        static Stamp of(Path file) throws IOException {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return new Stamp(attributes.size(), attributes.lastModifiedTime(), attributes.fileKey());
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
        try (InputStream in = Files.newInputStream(file)) {
            return of(in, stamp);
        }
    }

    private static FileFingerprint of(InputStream in, Stamp stamp) throws IOException {
        MessageDigest digest = newDigest();
        byte[] buffer = new byte[65_536];
        long lineFeeds = 0;
        InputStream head = new FirstBytes(in, stamp.size());
        int length;
        while ((length = head.read(buffer, 0, buffer.length)) > 0) {
            digest.update(buffer, 0, length);
            for (int i = 0; i < length; i++) {
                if (buffer[i] == '\n') {
                    lineFeeds++;
                }
            }
        }
        return new FileFingerprint(HexFormat.of().formatHex(digest.digest()), lineFeeds, stamp);
    }

    /** Bytes that were read. */
    long size() {
        return stamp.size();
    }

    /** Whether {@code in} begins with what was read, whatever stands behind it. */
    boolean isBeginningOf(InputStream in) throws IOException {
        return of(in, stamp).sha256.equals(sha256);
    }

    /** As the other; false when there is no such file. */
    boolean isBeginningOf(Path file) throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        try (InputStream in = Files.newInputStream(file)) {
            return isBeginningOf(in);
        }
    }

    private static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
