package de.contactsync.keyfile;

import de.contactsync.model.KeyEntry;
import java.io.IOException;

/** Reads JSON Lines: an object in each line. The position of an entry is its line. */
final class JsonLinesKeyReader implements KeyEntryReader {

    private final LineReader lineReader;

    JsonLinesKeyReader(ReadBuffer buffer) {
        this.lineReader = new LineReader(buffer);
    }

    @Override
    public KeyEntry next() throws IOException {
        while (lineReader.next()) {
            if (lineReader.tooLong()) {
                return KeyEntryFactory.invalid(
                        lineReader.number(), lineReader.text(), "the line " + KeyEntryFactory.TOO_LONG);
            }
            if (!lineReader.blank()) {
                return JsonKeyParser.entry(lineReader.number(), lineReader.text());
            }
        }
        lineReader.checkEnd();
        return null;
    }
}
