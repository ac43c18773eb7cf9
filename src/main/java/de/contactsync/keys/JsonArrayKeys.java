package de.contactsync.keys;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import de.contactsync.contact.KeyEntry;
import java.io.IOException;

/**
 * Reads a JSON array of objects, or objects alone. The position of an entry is its element's number.
 *
 * <p>The array is cut into elements first and each is parsed by itself, so that a broken one costs no other. Where it
 * cannot be told where a broken element ends, reading goes on with the next object behind the damage.
 */
final class JsonArrayKeys implements EntryReader {

    static final String EXPECTED = "expected a JSON array of objects with customerId and contactId, [{…}, {…}]";

    private static final int SHOWN = 60;

    private final Window window;
    private long number;
    private long line = 1;
    private long column = 1;
    private long elementLine;
    private long elementColumn;
    private boolean begun;
    private boolean arrayOpen;
    private boolean cutOff;

    JsonArrayKeys(Window window) {
        this.window = window;
    }

    /** Whether anything but blanks has been seen. */
    boolean begun() {
        return begun;
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
        while (window.available() > 0 || window.fill()) {
            byte next = window.at(0);
            if (next == '[' && !arrayOpen) {
                arrayOpen = true;
                begun = true;
            } else if (next == ']' && begun) {
                arrayOpen = false;
            } else if (window.startsWithByteOrderMark()) {
                advance(2);
            } else if (!isSpace(next) && !(next == ',' && begun)) {
                if (!begun && next != '{') {
                    throw noArray();
                }
                begun = true;
                return true;
            }
            advance(1);
        }
        return false;
    }

    private UnreadableKeyFileException noArray() throws IOException {
        String found = Texts.shown(window.head(readAhead(4 * SHOWN)), SHOWN);
        return new UnreadableKeyFileException("it begins with \"" + found + "\": " + EXPECTED);
    }

    private KeyEntry element() throws IOException {
        elementLine = line;
        elementColumn = column;
        ElementScan scan = new ElementScan();
        int length = 0;
        while (true) {
            ElementScan.Result result =
                    scan.feed(window.bytes(), window.start() + length, window.start() + window.available());
            length = scan.position() - window.start();
            if (length > Window.RECORD_LIMIT) {
                return tooLong(scan, length, result);
            }
            if (result == ElementScan.Result.BROKEN) {
                return broken(scan);
            }
            if (result == ElementScan.Result.COMPLETE) {
                return parse(length);
            }
            if (!window.fill()) {
                return brokenOff(scan);
            }
        }
    }

    private KeyEntry parse(int length) {
        String text = window.text(0, length);
        int end = length;
        try {
            return JsonObjects.parse(number, text);
        } catch (StreamConstraintsException e) {
            return JsonObjects.notJson(number, text, e);
        } catch (JsonProcessingException e) {
            // Two missing quotation marks make up for each other, and there may be good elements between them.
            end = nextObject(JsonDamage.locate(window.bytes(), window.start(), length).lastToken(), length);
            return JsonObjects.notJson(number, window.text(0, end), e);
        } finally {
            advance(end);
        }
    }

    /** An element beyond the limit that is sound so far is run over to its end, without being kept. */
    private KeyEntry tooLong(ElementScan scan, int length, ElementScan.Result soFar) throws IOException {
        boolean sound = JsonDamage.locate(window.bytes(), window.start(), Window.RECORD_LIMIT).onlyShort();
        if (!scan.isObject() || !sound) {
            return broken(scan);
        }
        KeyEntry entry = Entries.invalid(number, window.head(Texts.RAW_LIMIT), "the element " + Entries.TOO_LONG);
        ElementScan.Result result = soFar;
        advance(length);
        while (result == ElementScan.Result.GOES_ON) {
            if (!window.fill()) {
                cutOff = true;
                return entry;
            }
            result = scan.feed(window.bytes(), window.start(), window.start() + window.available());
            advance(scan.position() - window.start());
        }
        if (result == ElementScan.Result.BROKEN) {
            findObject((byte) 0);
        }
        return entry;
    }

    /** The file ends within an element. */
    private KeyEntry brokenOff(ElementScan scan) throws IOException {
        if (window.breakage() != null) {
            number--;
            checkEnd();
        }
        return broken(scan);
    }

    /** The element has no end that could be found; what comes behind the damage is looked at anew. */
    private KeyEntry broken(ElementScan scan) throws IOException {
        int seen = readAhead(Window.RECORD_LIMIT);
        JsonDamage found = JsonDamage.locate(window.bytes(), window.start(), seen);
        // Where nothing but an end is missing, what looks like a part of the element may be all the rest of the file.
        int damage = scan.isObject() && !found.onlyShort() ? found.lastToken() : 0;
        KeyEntry entry = JsonObjects.entry(number, window.head(nextObject(damage, seen)));
        byte last = window.at(damage);
        advance(damage + 1);
        findObject(last);
        return entry;
    }

    /** What is made of damage must not depend on how much the disk happened to give. @return how much is there */
    private int readAhead(int wanted) throws IOException {
        boolean more = true;
        while (more && window.available() < wanted) {
            more = window.fill();
        }
        return Math.min(window.available(), wanted);
    }

    /** @return offset of the first object behind {@code after} that is no field's value, or {@code limit} */
    private int nextObject(int after, int limit) {
        byte last = window.at(after);
        for (int i = after + 1; i < limit; i++) {
            byte next = window.at(i);
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
        while (window.available() > 0 || window.fill()) {
            byte next = window.at(0);
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
            if (window.at(i) == '\n') {
                line++;
                column = 0;
            }
            column++;
        }
        window.advance(count);
    }

    private void checkEnd() {
        String where = (number == 0 ? "before the first element" : "after element " + number) + " (line " + line
                + ", column " + column + "): ";
        if (window.breakage() != null) {
            throw new UnreadableKeyFileException(
                    "the file breaks off " + where + window.breakage() + ", what comes behind cannot be read");
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
