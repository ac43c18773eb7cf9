package de.contactsync.keyfile;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.ZipException;

/**
 * Slides over the bytes of a file: always in the same memory, and wide enough to look one record ahead. Offsets are
 * counted from its start, so that they stay right when the bytes move.
 */
final class ReadBuffer {

    /** The longest line, record or element in bytes. */
    static final int RECORD_LIMIT = 64 * 1024;

    private final InputStream in;
    private final byte[] bytes;
    private int start;
    private int end;
    private boolean ended;
    private String breakage;

    /**
     * @param in   gives UTF-8
     * @param size bytes that {@code in} will give at most; a message of one key need not have a window for 64 KiB
     */
    ReadBuffer(InputStream in, long size) {
        this.in = in;
        this.bytes = new byte[(int) Math.min(2 * RECORD_LIMIT, size + 1)];
    }

    ReadBuffer(InputStream in) {
        this(in, Long.MAX_VALUE - 1);
    }

    /** The same array always; offset 0 is at {@link #start}. */
    byte[] bytes() {
        return bytes;
    }

    int start() {
        return start;
    }

    int available() {
        return end - start;
    }

    byte at(int offset) {
        return bytes[start + offset];
    }

    void advance(int count) {
        start += count;
    }

    /**
     * Reads on; to be asked only while less than {@link #RECORD_LIMIT} is at hand, or the window is full.
     *
     * @return false at the end of the file, also at an end that comes too early
     */
    boolean fill() throws IOException {
        if (ended) {
            return false;
        }
        if (start > 0) {
            System.arraycopy(bytes, start, bytes, 0, available());
            end -= start;
            start = 0;
        }
        if (end == bytes.length) {
            throw new IllegalStateException("window is full");
        }
        int count;
        try {
            count = in.read(bytes, end, bytes.length - end);
        } catch (EOFException | ZipException e) {
            // Only a gzip stream says these. What was unpacked so far is good.
            breakage = GzipErrors.explain(e);
            count = -1;
        }
        if (count < 0) {
            ended = true;
            return false;
        }
        end += count;
        return true;
    }

    /** Why the file ended before its end, or null. */
    String breakage() {
        return breakage;
    }

    String text(int from, int to) {
        return TextDecoder.decode(bytes, start + from, start + to);
    }

    /** At most the first {@code limit} bytes that are at hand, without half a character at the end. */
    String head(int limit) {
        return available() <= limit ? text(0, available()) : TextDecoder.decodeHead(bytes, start, start + limit);
    }

    boolean startsWithByteOrderMark() {
        return available() >= 3 && at(0) == (byte) 0xEF && at(1) == (byte) 0xBB && at(2) == (byte) 0xBF;
    }
}
