package de.contactsync.imports;

import de.contactsync.keyfile.SpreadsheetCell;
import de.contactsync.persistence.DeadLetter;
import de.contactsync.persistence.RunStore;
import de.siegmar.fastcsv.writer.CsvWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** {@code NAME.errors.csv}: a run's dead letters for the person who made the file, safe to open in a spreadsheet. */
final class ErrorReportWriter {

    static final String SUFFIX = ".errors.csv";

    /** Of the file that says why a key file cannot be read. */
    static final String REASON = ".error.txt";

    private ErrorReportWriter() {}

    static Path beside(Path file) {
        return FileNames.beside(file, SUFFIX);
    }

    /** Writes the report whole or not at all; where there is nothing to report, there is none afterwards. */
    static void write(Path report, RunStore runs, long runId) throws IOException {
        if (!runs.audit().hasDeadLetters(runId)) {
            // Nothing is tried in a folder that may not be written to.
            Files.deleteIfExists(report);
            return;
        }
        FileMove.makeFolder(report.toAbsolutePath().getParent());
        Path draft = FileNames.draft(report);
        // Closed by itself: a writer that finds no room when it is closed leaves what it writes to open.
        try (OutputStream out = Files.newOutputStream(draft);
                CsvWriter csv = CsvWriter.builder().build(new OutputStreamWriter(out, StandardCharsets.UTF_8))) {
            csv.writeRecord("line", "key", "reason", "status", "code", "message");
            runs.audit()
                    .deadLetters(
                            runId,
                            letter -> csv.writeRecord(
                                    letter.position(),
                                    SpreadsheetCell.of(key(letter)),
                                    letter.reason(),
                                    letter.httpStatus() == null
                                            ? ""
                                            : letter.httpStatus().toString(),
                                    SpreadsheetCell.of(letter.errorCode()),
                                    SpreadsheetCell.of(letter.errorMessage())));
        } catch (IOException | UncheckedIOException e) {
            Files.deleteIfExists(draft);
            throw e instanceof UncheckedIOException unchecked ? unchecked.getCause() : (IOException) e;
        }
        AtomicFileWriter.publish(draft, report);
    }

    private static String key(DeadLetter letter) {
        return letter.customerId() == null ? letter.rawKey() : letter.customerId() + "/" + letter.contactId();
    }
}
