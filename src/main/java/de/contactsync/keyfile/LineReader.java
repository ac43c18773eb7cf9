package de.contactsync.keyfile;

import de.contactsync.model.KeyEntry;
import java.io.IOException;

/**
 * The physical lines of a file, ended by LF, CRLF or CR. The current text is one line, or that line with following
 * ones put to it; it can be cut back to its first line, so that a guess about where a record ends costs nothing.
 */
final class LineReader {

    private final ReadBuffer buffer;
    private long number = 1;
    private int lineCount;
    private int begin;
    private int length;
    private int consumed;
    private int lastLine;
    private int firstLength;
    private int firstConsumed;
    private boolean quotes;
    private boolean tooLong;
    private String head;

    LineReader(ReadBuffer buffer) {
        this.buffer = buffer;
    }

    /** Goes to the line behind the current text. @return false when there is none */
    boolean next() throws IOException {
        buffer.advance(consumed);
        number += lineCount;
        lineCount = 0;
        begin = 0;
        quotes = false;
        tooLong = false;
        if (!measure(0)) {
            if (!tooLong) {
                consumed = 0;
                return false;
            }
            head = buffer.head(KeyEntry.Invalid.RAW_LIMIT);
            if (!skipLine()) {
                return false;
            }
        }
        lineCount = 1;
        firstLength = length;
        firstConsumed = consumed;
        // Also in the middle of a file, where two files were put together.
        begin = !tooLong && length >= 3 && buffer.startsWithByteOrderMark() ? 3 : 0;
        return true;
    }

    /** Puts the next line to the current text. @return false when the text would get too long or the file ends */
    boolean extend() throws IOException {
        int offset = consumed;
        if (!measure(offset)) {
            tooLong = false;
            return false;
        }
        lastLine = offset;
        lineCount++;
        return true;
    }

    void cutToFirst() {
        length = firstLength;
        consumed = firstConsumed;
        lineCount = 1;
    }

    /** Finds the end of the line that begins {@code offset} bytes behind the start of the text. */
    private boolean measure(int offset) throws IOException {
        byte[] bytes = buffer.bytes();
        int p = offset;
        while (true) {
            int start = buffer.start();
            int available = buffer.available();
            for (; p < available; p++) {
                byte b = bytes[start + p];
                if (b <= '"') {
                    if (b == '\n' || b == '\r') {
                        tooLong = p > ReadBuffer.RECORD_LIMIT;
                        if (tooLong) {
                            return false;
                        }
                        length = p;
                        consumed = p + lineEndSize(p);
                        return true;
                    }
                    quotes |= b == '"';
                }
            }
            if (p > ReadBuffer.RECORD_LIMIT) {
                tooLong = true;
                return false;
            }
            if (!buffer.fill()) {
                // Where the file breaks off nobody knows what the rest of the line was: it may have been a tenant.
                if (p == offset || buffer.breakage() != null) {
                    return false;
                }
                length = p;
                consumed = p;
                return true;
            }
        }
    }

    private int lineEndSize(int offset) throws IOException {
        if (buffer.at(offset) == '\n') {
            return 1;
        }
        boolean more = offset + 1 < buffer.available() || buffer.fill();
        return more && buffer.at(offset + 1) == '\n' ? 2 : 1;
    }

    /** Runs over a line of any length without keeping it. @return false when the file breaks off in it */
    private boolean skipLine() throws IOException {
        while (true) {
            int available = buffer.available();
            for (int p = 0; p < available; p++) {
                byte b = buffer.at(p);
                if (b == '\n' || b == '\r') {
                    buffer.advance(p);
                    consumed = lineEndSize(0);
                    return true;
                }
            }
            buffer.advance(available);
            if (!buffer.fill()) {
                consumed = 0;
                return buffer.breakage() == null;
            }
        }
    }

    /** Of the first line of the text, from 1. */
    long number() {
        return number;
    }

    /** A single line that is longer than a record may be; only its head can be had. */
    boolean tooLong() {
        return tooLong;
    }

    boolean blank() {
        if (tooLong) {
            return false;
        }
        for (int i = begin; i < length; i++) {
            byte b = buffer.at(i);
            if (b != ' ' && b != '\t') {
                return false;
            }
        }
        return true;
    }

    /** Whether there may be a quotation mark in the text. */
    boolean hasQuotes() {
        return quotes;
    }

    /** Offset of the first byte, in the window. */
    int begin() {
        return begin;
    }

    /** Offset behind the last byte, in the window, the line end left out. */
    int length() {
        return length;
    }

    /** Offset of the line that was put to the text last. */
    int lastLine() {
        return lastLine;
    }

    String text() {
        return tooLong ? head : buffer.text(begin, length);
    }

    /** To be called at the end: an end that came too early is an error. */
    void checkEnd() {
        if (buffer.breakage() != null) {
            String where = number == 1 ? "before the end of line 1" : "after line " + (number - 1);
            throw new UnreadableKeyFileException(
                    "the file breaks off " + where + ": " + buffer.breakage() + ", what comes behind cannot be read");
        }
    }
}
