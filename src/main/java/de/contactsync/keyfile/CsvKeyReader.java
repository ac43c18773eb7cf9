package de.contactsync.keyfile;

import de.contactsync.model.KeyEntry;
import de.siegmar.fastcsv.reader.AbstractBaseCsvCallbackHandler;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import java.io.IOException;
import java.util.Arrays;

/** Reads a CSV file. The position of an entry is the line its record begins in. */
final class CsvKeyReader implements KeyEntryReader {

    private final LineReader lineReader;
    private final CsvRecordSplitter records;
    private final CsvReader.CsvReaderBuilder parser;
    private final Ids ids;
    private final boolean mayNameTenants;

    private CsvKeyReader(ReadBuffer readBuffer, LineReader lineReader, CsvHeader header) {
        this.lineReader = lineReader;
        this.records = new CsvRecordSplitter(readBuffer, lineReader, header.separator());
        this.parser = CsvHeader.parser(header.separator());
        this.mayNameTenants = header.columns().contains(KeyColumn.TENANT_ID);
        this.ids = new Ids(header.columns().toArray(KeyColumn[]::new));
    }

    static KeyEntryReader open(ReadBuffer readBuffer) throws IOException {
        LineReader lineReader = new LineReader(readBuffer);
        CsvHeader header = CsvHeader.read(readBuffer, lineReader);
        return header == null ? () -> null : new CsvKeyReader(readBuffer, lineReader, header);
    }

    @Override
    public boolean mayNameTenants() {
        return mayNameTenants;
    }

    @Override
    public KeyEntry next() throws IOException {
        while (lineReader.next()) {
            if (!lineReader.blank()) {
                return entry();
            }
        }
        lineReader.checkEnd();
        return null;
    }

    private KeyEntry entry() throws IOException {
        long position = lineReader.number();
        if (lineReader.tooLong()) {
            return KeyEntryFactory.invalid(position, lineReader.text(), "the line " + KeyEntryFactory.TOO_LONG);
        }
        if (!records.complete()) {
            return KeyEntryFactory.invalid(
                    position,
                    lineReader.text(),
                    "unbalanced quote: close it within 64 KiB, before a separator or line end; escape a quote as"
                            + " \"\"");
        }
        String text = lineReader.text();
        try {
            // A parser per record: no record can spoil the next one.
            parser.build(ids, text).iterator().next();
            return KeyEntryFactory.of(position, ids.found, text);
        } catch (CsvParseException e) {
            return KeyEntryFactory.invalid(
                    position, text, "the line is not CSV: expected values, separated as in the header");
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
