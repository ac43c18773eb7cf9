package de.contactsync.keyfile;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Unpacks gzip, also several members one after the other. {@link GZIPInputStream} takes bytes it does not understand
 * behind a member for the end of the file: with a damaged second member, half the keys would be missing and nobody
 * would know. Here they are an error, except for zero bytes: tapes and block devices fill up with them.
 */
final class GzipErrors extends GZIPInputStream {

    private static final int BUFFER_SIZE = 64 * 1024;
    private static final int TRAILER_SIZE = 8;

    private final Counter packed;
    private long packedAtFill;

    GzipErrors(InputStream in) throws IOException {
        this(new Counter(in));
    }

    private GzipErrors(Counter packed) throws IOException {
        super(packed, BUFFER_SIZE);
        this.packed = packed;
    }

    @Override
    protected void fill() throws IOException {
        super.fill();
        packedAtFill = packed.count;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int count = super.read(target, offset, length);
        if (count < 0) {
            long endOfMember = packedAtFill - inf.getRemaining() + TRAILER_SIZE;
            packed.skipToEnd();
            if (packed.lastNonZero > endOfMember) {
                throw new ZipException("followed by bytes that are not gzip");
            }
        }
        return count;
    }

    static String explain(IOException e) {
        return e instanceof EOFException
                ? "the gzip file is truncated"
                : "the gzip file is damaged (" + e.getMessage() + ")";
    }

    private static final class Counter extends FilterInputStream {
        private long count;
        /** Bytes up to and with the last one that is not zero. */
        private long lastNonZero;

        Counter(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int read = super.read(target, offset, length);
            int end = Math.max(read, 0);
            while (end > 0 && target[offset + end - 1] == 0) {
                end--;
            }
            lastNonZero = end > 0 ? count + end : lastNonZero;
            count += Math.max(read, 0);
            return read;
        }

        void skipToEnd() throws IOException {
            byte[] rest = new byte[8192];
            while (read(rest, 0, rest.length) >= 0) {
                continue;
            }
        }
    }
}
