package de.contactsync.crm;

import de.contactsync.keyfile.SpreadsheetCell;
import de.contactsync.model.ContactKey;
import de.contactsync.model.JtlId;
import de.siegmar.fastcsv.writer.CsvWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * A table for people of the values that they have changed in the CRM and that were left as they are, with what JTL-Wawi
 * has instead. Used by one thread.
 */
final class ReviewFile {

    /** @param inJtl as it would have been sent */
    record Line(ContactKey key, String recordId, String field, String inCrm, String inJtl) {

        /** Without the values. */
        @Override
        public String toString() {
            return key + " " + field;
        }
    }

    private final Path file;
    private final Clock clock;

    ReviewFile(Path file, Clock clock) {
        this.file = file;
        this.clock = clock;
    }

    /** @throws UncheckedIOException when it cannot be written */
    void add(List<Line> lines) {
        if (lines.isEmpty()) {
            return;
        }
        boolean begins = !Files.exists(file);
        try (Writer out = new OutputStreamWriter(
                        Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND),
                        StandardCharsets.UTF_8);
                CsvWriter csv = CsvWriter.builder().build(out)) {
            if (begins) {
                csv.writeRecord("time", "customerId", "contactId", "record", "field", "inCrm", "inJtl");
            }
            String now = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
            for (Line line : lines) {
                csv.writeRecord(
                        now,
                        JtlId.text(line.key.customerId()),
                        JtlId.text(line.key.contactId()),
                        SpreadsheetCell.of(line.recordId),
                        SpreadsheetCell.of(line.field),
                        SpreadsheetCell.of(line.inCrm),
                        SpreadsheetCell.of(line.inJtl));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** For people. */
    @Override
    public String toString() {
        return file.toString();
    }
}
