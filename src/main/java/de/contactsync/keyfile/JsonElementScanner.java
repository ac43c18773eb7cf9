package de.contactsync.keyfile;

import java.util.BitSet;

/**
 * Finds the end of one element of a JSON array by its brackets and strings, over any number of bytes. Knows just enough
 * of JSON to notice soon when a quotation mark or a bracket is missing: no string goes over a line end, and brackets
 * match.
 */
final class JsonElementScanner {

    enum Result {
        GOES_ON,
        COMPLETE,
        BROKEN
    }

    private final BitSet braces = new BitSet();
    private boolean begun;
    private boolean object;
    private boolean inString;
    private boolean escaped;
    private int depth;
    private int position;

    /** Index of the first byte that was not taken. */
    int position() {
        return position;
    }

    /** An element that is none of a JSON array's objects ends only at a comma, a bracket or the next object. */
    boolean isObject() {
        return object;
    }

    Result feed(byte[] bytes, int from, int to) {
        for (position = from; position < to; position++) {
            byte next = bytes[position];
            if (!begun) {
                begun = true;
                object = next == '{';
            } else if (!object && depth == 0 && !inString && (next == ',' || next == ']' || next == '{')) {
                return Result.COMPLETE;
            }
            if (inString) {
                if (next == '\n' || next == '\r') {
                    return Result.BROKEN;
                }
                inString = escaped || next != '"';
                escaped = !escaped && next == '\\';
            } else if (next == '"') {
                inString = true;
            } else if (next == '{' || next == '[') {
                open(next == '{');
            } else if ((next == '}' || next == ']') && depth > 0) {
                if (!close(next == '}')) {
                    return Result.BROKEN;
                }
                if (object && depth == 0) {
                    position++;
                    return Result.COMPLETE;
                }
            }
        }
        return Result.GOES_ON;
    }

    private void open(boolean brace) {
        if (depth < ReadBuffer.RECORD_LIMIT) {
            braces.set(depth, brace);
        }
        depth++;
    }

    /** Deeper than a record is long, only the depth is kept. */
    private boolean close(boolean brace) {
        depth--;
        return depth >= ReadBuffer.RECORD_LIMIT || braces.get(depth) == brace;
    }
}
