package de.contactsync.keyfile;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/** Text from files of strangers: decoded, and made fit for messages and database columns. */
final class TextDecoder {

    private static final Charset WINDOWS_1252 = Charset.forName("windows-1252");
    private static final char REPLACEMENT = '\uFFFD';

    private TextDecoder() {}

    /** UTF-8, or Windows-1252 for those lines that are not valid UTF-8. */
    static String decode(byte[] bytes, int from, int to) {
        String text = new String(bytes, from, to - from, StandardCharsets.UTF_8);
        // The replacement character may also stand in the file itself, so its presence alone proves nothing.
        return text.indexOf(REPLACEMENT) < 0 ? text : decodeByLine(bytes, from, to);
    }

    private static String decodeByLine(byte[] bytes, int from, int to) {
        StringBuilder text = new StringBuilder(to - from);
        int lineStart = from;
        for (int i = from; i < to; i++) {
            if (bytes[i] == '\n' || bytes[i] == '\r') {
                text.append(decodeLine(bytes, lineStart, i + 1));
                lineStart = i + 1;
            }
        }
        return text.append(decodeLine(bytes, lineStart, to)).toString();
    }

    private static CharSequence decodeLine(byte[] bytes, int from, int to) {
        ByteBuffer line = ByteBuffer.wrap(bytes, from, to - from);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(line);
        } catch (CharacterCodingException e) {
            return WINDOWS_1252.decode(ByteBuffer.wrap(bytes, from, to - from));
        }
    }

    /** The beginning of a text that continues behind {@code to}, without half a character at its end. */
    static String decodeHead(byte[] bytes, int from, int to) {
        int end = to;
        for (int back = 0; back < 3 && end > from && (bytes[end] & 0xC0) == 0x80; back++) {
            end--;
        }
        return decode(bytes, from, end);
    }

    /** For a message: at most {@code max} characters, what cannot be seen written as an escape. */
    static String printable(String text, int max) {
        StringBuilder shown = new StringBuilder(Math.min(text.length(), max) + 8);
        int characters = 0;
        for (int i = 0; i < text.length(); characters++) {
            if (characters == max) {
                return shown.append('…').toString();
            }
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            switch (c) {
                case '\n' -> shown.append("\\n");
                case '\r' -> shown.append("\\r");
                case '\t' -> shown.append("\\t");
                default -> {
                    if (isVisible(c)) {
                        shown.appendCodePoint(c);
                    } else {
                        shown.append(String.format(c > 0xFFFF ? "\\x{%X}" : "\\u%04X", c));
                    }
                }
            }
        }
        return shown.toString();
    }

    /** The same in quotation marks, those within it made single ones: it is to be seen where it ends. */
    static String quoted(String text, int max) {
        return '"' + printable(text.replace('"', '\''), max) + '"';
    }

    private static boolean isVisible(int c) {
        return c == ' '
                || switch (Character.getType(c)) {
                    case Character.CONTROL,
                            Character.FORMAT,
                            Character.SURROGATE,
                            Character.PRIVATE_USE,
                            Character.UNASSIGNED,
                            Character.LINE_SEPARATOR,
                            Character.PARAGRAPH_SEPARATOR,
                            Character.SPACE_SEPARATOR -> false;
                    default -> true;
                };
    }
}
