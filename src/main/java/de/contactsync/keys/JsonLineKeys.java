package de.contactsync.keys;

import de.contactsync.contact.KeyEntry;
import java.io.IOException;

/** Reads JSON Lines: an object in each line. The position of an entry is its line. */
final class JsonLineKeys implements EntryReader {

    private final Lines lines;

    JsonLineKeys(Window window) {
        this.lines = new Lines(window);
    }

    @Override
    public KeyEntry next() throws IOException {
        while (lines.next()) {
            if (lines.tooLong()) {
                return Entries.invalid(lines.number(), lines.text(), "the line " + Entries.TOO_LONG);
            }
            if (!lines.blank()) {
                return JsonObjects.entry(lines.number(), lines.text());
            }
        }
        lines.checkEnd();
        return null;
    }
}
