package de.contactsync.keyfile;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Any file as UTF-8: its byte order mark taken off, UTF-16 written anew. In UTF-8 and in Windows-1252 line ends, quotes
 * and separators are the same single bytes, so that records can be cut before they are decoded.
 */
final class Utf8Transcoder {

    private Utf8Transcoder() {}

    /** UTF-16 is known by its mark, or by the NUL in each of its first two units, which no other text has there. */
    static InputStream of(InputStream in) throws IOException {
        PushbackInputStream stream = new PushbackInputStream(in, 4);
        byte[] head = stream.readNBytes(4);
        boolean bigEndian = startsWith(head, 0xFE, 0xFF) || isUnmarkedUtf16(head, 0);
        if (bigEndian || startsWith(head, 0xFF, 0xFE) || isUnmarkedUtf16(head, 1)) {
            int mark = startsWith(head, 0xFE, 0xFF) || startsWith(head, 0xFF, 0xFE) ? 2 : 0;
            stream.unread(head, mark, head.length - mark);
            return new FromUtf16(stream, bigEndian);
        }
        int mark = startsWith(head, 0xEF, 0xBB, 0xBF) ? 3 : 0;
        stream.unread(head, mark, head.length - mark);
        return stream;
    }

    private static boolean startsWith(byte[] head, int... mark) {
        for (int i = 0; i < mark.length; i++) {
            if (head.length <= i || (head[i] & 0xFF) != mark[i]) {
                return false;
            }
        }
        return true;
    }

    /** @param nul which byte of each unit is NUL */
    private static boolean isUnmarkedUtf16(byte[] head, int nul) {
        return head.length == 4 && head[nul] == 0 && head[nul + 2] == 0 && head[1 - nul] != 0 && head[3 - nul] != 0;
    }

    /** Whether the bytes are well-formed UTF-8, or text in UTF-16. */
    static boolean isText(byte[] bytes) {
        try {
            if (of(new ByteArrayInputStream(bytes)) instanceof FromUtf16) {
                return true;
            }
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException("a text in memory cannot fail to be read", e);
        }
    }

    /** Whether {@link #of} gave bytes that are not those of the file. */
    static boolean isRewritten(InputStream in) {
        return in instanceof FromUtf16;
    }

    /** How many bytes {@code size} bytes can become: two of UTF-16 become at most three. */
    static long longest(long size) {
        return size / 2 * 3 + 3;
    }

    /**
     * Unit by unit: the decoder of the JDK, at half a surrogate pair, drops the unit behind it too, which may be the
     * line end that keeps two keys apart.
     */
    private static final class FromUtf16 extends InputStream {
        private final InputStream in;
        private final boolean bigEndian;
        private final byte[] source = new byte[8192];
        private final byte[] target = new byte[source.length / 2 * 3 + 6];
        private int from;
        private int to;
        private int firstByte = -1;
        private int highSurrogate = -1;

        FromUtf16(InputStream in, boolean bigEndian) {
            this.in = in;
            this.bigEndian = bigEndian;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            while (from == to) {
                from = 0;
                to = 0;
                int count = in.read(source);
                if (count < 0) {
                    return -1;
                }
                for (int i = 0; i < count; i++) {
                    takeByte(source[i] & 0xFF);
                }
            }
            int count = Math.min(length, to - from);
            System.arraycopy(target, from, bytes, offset, count);
            from += count;
            return count;
        }

        private void takeByte(int next) {
            if (firstByte < 0) {
                firstByte = next;
            } else {
                takeUnit((char) (bigEndian ? firstByte << 8 | next : next << 8 | firstByte));
                firstByte = -1;
            }
        }

        private void takeUnit(char unit) {
            if (highSurrogate >= 0 && Character.isLowSurrogate(unit)) {
                int codePoint = Character.toCodePoint((char) highSurrogate, unit);
                put(0xF0 | codePoint >> 18);
                put(0x80 | codePoint >> 12 & 0x3F);
                put(0x80 | codePoint >> 6 & 0x3F);
                put(0x80 | codePoint & 0x3F);
                highSurrogate = -1;
                return;
            }
            if (highSurrogate >= 0) {
                putUnit('\uFFFD');
                highSurrogate = -1;
            }
            if (Character.isHighSurrogate(unit)) {
                highSurrogate = unit;
            } else {
                putUnit(Character.isLowSurrogate(unit) ? '\uFFFD' : unit);
            }
        }

        private void putUnit(char unit) {
            if (unit < 0x80) {
                put(unit);
            } else if (unit < 0x800) {
                put(0xC0 | unit >> 6);
                put(0x80 | unit & 0x3F);
            } else {
                put(0xE0 | unit >> 12);
                put(0x80 | unit >> 6 & 0x3F);
                put(0x80 | unit & 0x3F);
            }
        }

        private void put(int value) {
            target[to++] = (byte) value;
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
