package de.contactsync.keys;

import de.contactsync.contact.KeyEntry;
import de.siegmar.fastcsv.reader.AbstractBaseCsvCallbackHandler;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import java.io.IOException;
import java.util.Arrays;

/** Reads a CSV file. The position of an entry is the line its record begins in. */
final class CsvKeys implements EntryReader {

    private final Lines lines;
    private final CsvRecords records;
    private final CsvReader.CsvReaderBuilder parser;
    private final Ids ids;

    private CsvKeys(Window window, Lines lines, CsvHeader header) {
        this.lines = lines;
        this.records = new CsvRecords(window, lines, header.separator());
        this.parser = CsvHeader.parser(header.separator());
        this.ids = new Ids(header.columns().toArray(KeyColumn[]::new));
    }

    static EntryReader open(Window window) throws IOException {
        Lines lines = new Lines(window);
        CsvHeader header = CsvHeader.read(window, lines);
        return header == null ? () -> null : new CsvKeys(window, lines, header);
    }

    @Override
    public KeyEntry next() throws IOException {
        while (lines.next()) {
            if (!lines.blank()) {
                return entry();
            }
        }
        lines.checkEnd();
        return null;
    }

    private KeyEntry entry() throws IOException {
        long position = lines.number();
        if (lines.tooLong()) {
            return Entries.invalid(position, lines.text(), "the line " + Entries.TOO_LONG);
        }
        if (!records.complete()) {
            return Entries.invalid(
                    position,
                    lines.text(),
                    "a quotation mark is out of place: expected one at the end of the text that another begins, within"
                            + " 64 KiB and before a separator or line end, and \"\" for one inside a text");
        }
        String text = lines.text();
        try {
            // A parser per record: no record can spoil the next one.
            parser.build(ids, text).iterator().next();
            return Entries.of(position, ids.found, text);
        } catch (CsvParseException e) {
            return Entries.invalid(position, text, "the line is not CSV: expected values, separated as in the header");
        }
    }

    /** Takes the ids out of a record and leaves all other columns where they are. */
    private static final class Ids extends AbstractBaseCsvCallbackHandler<Ids> {
        private final KeyColumn[] columns;
        private final String[] found = new String[KeyColumn.values().length];

        Ids(KeyColumn[] columns) {
            this.columns = columns;
        }

        @Override
        protected void handleBegin(long startingLineNumber) {
            Arrays.fill(found, null);
        }

        @Override
        protected void handleField(int index, char[] buffer, int offset, int length, boolean quoted) {
            if (index < columns.length && columns[index] != null) {
                found[columns[index].ordinal()] = new String(buffer, offset, length);
            }
        }

        @Override
        protected Ids buildRecord() {
            return this;
        }
    }
}
