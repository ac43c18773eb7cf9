package de.contactsync.keyfile;

import de.contactsync.model.JtlId;
import de.siegmar.fastcsv.reader.CloseableIterator;
import de.siegmar.fastcsv.reader.CommentStrategy;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.CsvRecordHandler;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What the header line says.
 *
 * @param columns per column of the file its part of the key, null where it is none
 */
record CsvHeader(char separator, List<KeyColumn> columns) {

    static final String SEPARATORS = ",;\t|";
    private static final String EXPECTED = "expected a header line with the columns customerId and contactId (tenantId"
            + " if there are several), separated by comma, semicolon, tab or |";
    private static final int SHOWN = 200;
    /** How far below the first line a header is looked for. */
    private static final int TITLE_LINES = 100;

    /** A first line that Excel writes and obeys. */
    static final Pattern EXCEL_SEPARATOR = Pattern.compile("sep=([" + SEPARATORS + "]) *", Pattern.CASE_INSENSITIVE);

    /** @return null when the file has no line with anything in it */
    static CsvHeader read(ReadBuffer buffer, LineReader lineReader) throws IOException {
        if (!nextLine(lineReader)) {
            return null;
        }
        String separators = SEPARATORS;
        Matcher sep = EXCEL_SEPARATOR.matcher(lineReader.text());
        if (sep.matches()) {
            separators = sep.group(1);
            if (!nextLine(lineReader)) {
                return null;
            }
        }
        if (lineReader.tooLong()) {
            throw unreadable("the first line is longer than 64 KiB, it begins", lineReader.text(), "");
        }
        return choose(buffer, lineReader, separators);
    }

    /** A header line of the same meaning. */
    String line() {
        return columns.stream()
                .map(column -> column == null ? "-" : column.title())
                .collect(Collectors.joining(Character.toString(separator), "", "\n"));
    }

    private static boolean nextLine(LineReader lineReader) throws IOException {
        while (lineReader.next()) {
            if (!lineReader.blank()) {
                return true;
            }
        }
        lineReader.checkEnd();
        return false;
    }

    /** The separator that brings most of the key columns to light is the one. */
    private static CsvHeader choose(ReadBuffer buffer, LineReader lineReader, String separators) throws IOException {
        String firstLine = lineReader.text();
        List<String> names = List.of();
        List<KeyColumn> columns = List.of();
        char separator = separators.charAt(0);
        long most = -1;
        for (char candidate : separators.toCharArray()) {
            List<String> cells = cells(buffer, lineReader, candidate);
            List<KeyColumn> meanings = new ArrayList<>();
            cells.forEach(cell -> meanings.add(KeyColumn.of(cell)));
            long found = meanings.stream().filter(c -> c != null).distinct().count();
            if (found > most) {
                most = found;
                separator = candidate;
                names = cells;
                columns = meanings;
            }
        }
        checkOnce(names, columns);
        if (!hasBoth(columns)) {
            throw incomplete(firstLine, columns, laterHeader(buffer, lineReader));
        }
        // For the choice the text was cut back; the rows begin behind all lines of the header.
        new CsvRecordSplitter(buffer, lineReader, separator).complete();
        return new CsvHeader(separator, columns);
    }

    private static List<String> cells(ReadBuffer buffer, LineReader lineReader, char separator) throws IOException {
        try {
            if (!new CsvRecordSplitter(buffer, lineReader, separator).complete()) {
                return List.of();
            }
            String text = lineReader.text();
            lineReader.cutToFirst();
            CsvRecordHandler handler = CsvRecordHandler.of(limits -> limits.maxFields(ReadBuffer.RECORD_LIMIT + 1));
            CloseableIterator<CsvRecord> records =
                    parser(separator).build(handler, text).iterator();
            return records.hasNext() ? records.next().getFields() : List.of();
        } catch (CsvParseException e) {
            return List.of();
        }
    }

    /** How all records of a file are parsed: what the key columns do not need may be as it likes. */
    static CsvReader.CsvReaderBuilder parser(char separator) {
        return CsvReader.builder()
                .fieldSeparator(separator)
                .commentStrategy(CommentStrategy.NONE)
                .skipEmptyLines(false)
                .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
                .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
                .trimWhitespacesAroundQuotes(true)
                .allowUnclosedQuote(false);
    }

    private static boolean hasBoth(List<KeyColumn> columns) {
        return columns.contains(KeyColumn.CUSTOMER_ID) && columns.contains(KeyColumn.CONTACT_ID);
    }

    /**
     * What to do when the header is further below, as in a sheet that begins with a title; empty when it is nowhere
     * near.
     */
    private static String laterHeader(ReadBuffer buffer, LineReader lineReader) throws IOException {
        for (int i = 0; i < TITLE_LINES && lineReader.next(); i++) {
            for (char separator : lineReader.blank() || lineReader.tooLong() ? new char[0] : SEPARATORS.toCharArray()) {
                if (hasBoth(cells(buffer, lineReader, separator).stream()
                        .map(KeyColumn::of)
                        .toList())) {
                    return " Line " + lineReader.number() + " has both columns: delete the lines above it.";
                }
            }
        }
        return "";
    }

    private static void checkOnce(List<String> names, List<KeyColumn> columns) {
        for (KeyColumn column : KeyColumn.values()) {
            int first = columns.indexOf(column);
            int last = columns.lastIndexOf(column);
            if (first != last) {
                throw new UnreadableKeyFileException("the header line names " + column.title() + " more than once (\""
                        + TextDecoder.printable(names.get(first), SHOWN) + "\" and \""
                        + TextDecoder.printable(names.get(last), SHOWN)
                        + "\"): keep the column that holds the ids");
            }
        }
    }

    private static UnreadableKeyFileException incomplete(String firstLine, List<KeyColumn> columns, String later) {
        boolean customer = columns.contains(KeyColumn.CUSTOMER_ID);
        if (customer || columns.contains(KeyColumn.CONTACT_ID)) {
            String missing = (customer ? KeyColumn.CONTACT_ID : KeyColumn.CUSTOMER_ID).title();
            return unreadable("there is no column " + missing + ", the header line is", firstLine, later);
        }
        for (String cell : firstLine.split("[,;\t|\"]")) {
            if (JtlId.parse(cell).isPresent()) {
                return unreadable("the header line is missing, the file begins with ids:", firstLine, later);
            }
        }
        return unreadable("there are no columns customerId and contactId, the first line is", firstLine, later);
    }

    private static UnreadableKeyFileException unreadable(String found, String line, String later) {
        return new UnreadableKeyFileException(found + " \"" + TextDecoder.printable(line, SHOWN) + "\"; " + EXPECTED
                + (later.isEmpty() ? "" : "." + later));
    }
}
