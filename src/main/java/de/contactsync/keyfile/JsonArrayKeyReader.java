package de.contactsync.keyfile;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import de.contactsync.model.KeyEntry;
import java.io.IOException;

/**
 * Reads a JSON array of objects, or objects alone. The position of an entry is its element's number.
 *
 * <p>The array is cut into elements first and each is parsed by itself, so that a broken one costs no other. Where it
 * cannot be told where a broken element ends, reading continues with the next object behind the damage.
 */
final class JsonArrayKeyReader implements KeyEntryReader {

    private static final String EXPECTED = "expected a JSON array of objects with customerId and contactId, [{…}, {…}]";

    private static final int SHOWN = 60;

    private final ReadBuffer buffer;
    private final String expected;
    private long number;
    private long line = 1;
    private long column = 1;
    private long elementLine;
    private long elementColumn;
    private boolean isStarted;
    private boolean arrayOpen;
    private boolean cutOff;

    JsonArrayKeyReader(ReadBuffer buffer) {
        this(buffer, EXPECTED);
    }

    /** @param expected what to do about a text that is neither an array nor an object */
    JsonArrayKeyReader(ReadBuffer buffer, String expected) {
        this.buffer = buffer;
        this.expected = expected;
    }

    /** Whether anything but blanks has been seen. */
    boolean isStarted() {
        return isStarted;
    }

    /** Whether the last element was given as invalid because the file ends within it. */
    boolean endsWithin() {
        return cutOff;
    }

    @Override
    public KeyEntry next() throws IOException {
        if (!findElement()) {
            checkEnd();
            return null;
        }
        number++;
        return element();
    }

    /** Goes to the first byte of the next element. Commas are not counted: one too many holds no key. */
    private boolean findElement() throws IOException {
        while (buffer.available() > 0 || buffer.fill()) {
            byte next = buffer.at(0);
            if (next == '[' && !arrayOpen) {
                arrayOpen = true;
                isStarted = true;
            } else if (next == ']' && isStarted) {
                arrayOpen = false;
            } else if (buffer.startsWithByteOrderMark()) {
                advance(2);
            } else if (!isSpace(next) && !(next == ',' && isStarted)) {
                if (!isStarted && next != '{') {
                    throw noArray();
                }
                isStarted = true;
                return true;
            }
            advance(1);
        }
        return false;
    }

    private UnreadableKeyFileException noArray() throws IOException {
        String found = TextDecoder.quoted(buffer.head(readAhead(4 * SHOWN)), SHOWN);
        return new UnreadableKeyFileException("it begins with " + found + ": " + expected);
    }

    private KeyEntry element() throws IOException {
        elementLine = line;
        elementColumn = column;
        JsonElementScanner scan = new JsonElementScanner();
        int length = 0;
        while (true) {
            JsonElementScanner.Result result =
                    scan.feed(buffer.bytes(), buffer.start() + length, buffer.start() + buffer.available());
            length = scan.position() - buffer.start();
            if (length > ReadBuffer.RECORD_LIMIT) {
                return tooLong(scan, length, result);
            }
            if (result == JsonElementScanner.Result.BROKEN) {
                return broken(scan);
            }
            if (result == JsonElementScanner.Result.COMPLETE) {
                return parse(length);
            }
            if (!buffer.fill()) {
                return truncated(scan);
            }
        }
    }

    private KeyEntry parse(int length) {
        String text = buffer.text(0, length);
        int end = length;
        try {
            return JsonKeyParser.parse(number, text);
        } catch (StreamConstraintsException e) {
            return JsonKeyParser.notJson(number, text, e);
        } catch (JsonProcessingException e) {
            // Two missing quotation marks make up for each other, and there may be good elements between them.
            end = nextObject(
                    JsonErrorLocator.locate(buffer.bytes(), buffer.start(), length)
                            .lastToken(),
                    length);
            return JsonKeyParser.notJson(number, buffer.text(0, end), e);
        } finally {
            advance(end);
        }
    }

    /** An element beyond the limit that is sound so far is run over to its end, without being kept. */
    private KeyEntry tooLong(JsonElementScanner scan, int length, JsonElementScanner.Result soFar) throws IOException {
        boolean sound = JsonErrorLocator.locate(buffer.bytes(), buffer.start(), ReadBuffer.RECORD_LIMIT)
                .onlyShort();
        if (!scan.isObject() || !sound) {
            return broken(scan);
        }
        KeyEntry entry = KeyEntryFactory.invalid(
                number, buffer.head(KeyEntry.Invalid.RAW_LIMIT), "the element " + KeyEntryFactory.TOO_LONG);
        JsonElementScanner.Result result = soFar;
        advance(length);
        while (result == JsonElementScanner.Result.GOES_ON) {
            if (!buffer.fill()) {
                cutOff = true;
                return entry;
            }
            result = scan.feed(buffer.bytes(), buffer.start(), buffer.start() + buffer.available());
            advance(scan.position() - buffer.start());
        }
        if (result == JsonElementScanner.Result.BROKEN) {
            findObject((byte) 0);
        }
        return entry;
    }

    /** The file ends within an element. */
    private KeyEntry truncated(JsonElementScanner scan) throws IOException {
        if (buffer.breakage() != null) {
            number--;
            checkEnd();
        }
        return broken(scan);
    }

    /** The element has no end that could be found; what comes behind the damage is looked at anew. */
    private KeyEntry broken(JsonElementScanner scan) throws IOException {
        int seen = readAhead(ReadBuffer.RECORD_LIMIT);
        JsonErrorLocator found = JsonErrorLocator.locate(buffer.bytes(), buffer.start(), seen);
        // Where nothing but an end is missing, what looks like a part of the element may be all the rest of the file.
        int damage = scan.isObject() && !found.onlyShort() ? found.lastToken() : 0;
        KeyEntry entry = JsonKeyParser.entry(number, buffer.head(nextObject(damage, seen)));
        byte last = buffer.at(damage);
        advance(damage + 1);
        findObject(last);
        return entry;
    }

    /** What is made of damage must not depend on how much the disk happened to give. @return how much is there */
    private int readAhead(int wanted) throws IOException {
        boolean more = true;
        while (more && buffer.available() < wanted) {
            more = buffer.fill();
        }
        return Math.min(buffer.available(), wanted);
    }

    /** @return offset of the first object behind {@code after} that is not a field's value, or {@code limit} */
    private int nextObject(int after, int limit) {
        byte last = buffer.at(after);
        for (int i = after + 1; i < limit; i++) {
            byte next = buffer.at(i);
            if (next == '{' && last != ':') {
                return i;
            }
            last = isSpace(next) ? last : next;
        }
        return limit;
    }

    /** The same, over any distance; where there is none, the last byte tells whether the file is whole. */
    private void findObject(byte before) throws IOException {
        byte last = before;
        while (buffer.available() > 0 || buffer.fill()) {
            byte next = buffer.at(0);
            if (next == '{' && last != ':') {
                return;
            }
            last = isSpace(next) ? last : next;
            advance(1);
        }
        cutOff = last != (arrayOpen ? ']' : '}');
        arrayOpen = false;
    }

    private void advance(int count) {
        for (int i = 0; i < count; i++) {
            if (buffer.at(i) == '\n') {
                line++;
                column = 0;
            }
            column++;
        }
        buffer.advance(count);
    }

    private void checkEnd() {
        String where = (number == 0 ? "before the first element" : "after element " + number) + " (line " + line
                + ", column " + column + "): ";
        if (buffer.breakage() != null) {
            throw new UnreadableKeyFileException(
                    "the file breaks off " + where + buffer.breakage() + ", what comes behind cannot be read");
        }
        if (cutOff) {
            throw new UnreadableKeyFileException("the file breaks off in element " + number + ", which begins in line "
                    + elementLine + ", column " + elementColumn + ": expected the rest of it and a closing bracket");
        }
        if (arrayOpen) {
            throw new UnreadableKeyFileException("the array breaks off " + where + "expected a closing bracket ]");
        }
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }
}
