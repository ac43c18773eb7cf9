package de.contactsync.keyfile;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvRecord;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;

/**
 * A CSV file that is looked up in, whole, in the character sets and with the separators that key files may have.
 *
 * @param header without blanks around its names
 */
public record CsvTable(List<String> header, List<Row> rows) {

    /** @param line where it begins */
    public record Row(long line, List<String> values) {}

    /** @throws UnreadableKeyFileException with the line, and without what stands in it */
    public static CsvTable parse(byte[] bytes) {
        String text = text(bytes);
        String first = text.lines().findFirst().orElse("");
        Matcher excel = CsvHeader.EXCEL_SEPARATOR.matcher(first);
        char separator = excel.matches() ? excel.group(1).charAt(0) : separator(first);
        List<Row> rows = new ArrayList<>();
        try {
            for (CsvRecord record : CsvHeader.parser(separator).ofCsvRecord(text)) {
                boolean empty = record.getFields().stream().allMatch(String::isBlank);
                if (!empty && !(excel.matches() && record.getStartingLineNumber() == 1)) {
                    rows.add(new Row(record.getStartingLineNumber(), record.getFields()));
                }
            }
        } catch (CsvParseException e) {
            throw new UnreadableKeyFileException("line " + (rows.isEmpty() ? 1 : rows.get(rows.size() - 1).line + 1)
                    + ": not CSV from here on, perhaps because of an unbalanced quote: escape a quote as \"\"");
        }
        if (rows.isEmpty()) {
            throw new UnreadableKeyFileException("line 1: expected a header line with the names of the columns");
        }
        return new CsvTable(
                rows.get(0).values.stream().map(String::strip).toList(), List.copyOf(rows.subList(1, rows.size())));
    }

    /** The one that stands most often in the header line. */
    private static char separator(String header) {
        return (char) CsvHeader.SEPARATORS
                .chars()
                .boxed()
                .max(Comparator.comparingLong(
                        candidate -> header.chars().filter(c -> c == candidate).count()))
                .orElseThrow()
                .intValue();
    }

    private static String text(byte[] bytes) {
        try {
            byte[] text = Utf8Transcoder.of(new ByteArrayInputStream(bytes)).readAllBytes();
            return TextDecoder.decode(text, 0, text.length);
        } catch (IOException e) {
            throw new UncheckedIOException("bytes in memory cannot fail to be read", e);
        }
    }
}
