package de.contactsync.imports;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.keyfile.SpreadsheetCell;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ErrorReportWriterTest {

    private static final String FORMULA_STARTS = "=+-@＝＋－＠";

    @TempDir
    Path inbox;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "=1+1",
                "+1",
                "-1",
                "@SUM(A1)",
                "=cmd|' /C calc'!A0",
                "\t=1",
                "\r=1",
                "\n=1",
                "\r\n=1",
                " =1",
                "   =1",
                "\u00A0=1",
                "\u2003=1",
                "\u3000=1",
                "\uFEFF=1",
                "\u200B=1",
                "\u0000=1",
                "\u001B=1",
                "＝1",
                "＋1",
                "－1",
                "＠A1",
                " ＝1",
                "\"=1",
                "'=1",
                "\"\"=1",
                "x;=1",
                "x;\"=1\"",
                "x\t=1",
                "x\r=1",
                "x\n=1",
                "x; =1",
                "x,=1",
                "x|=1",
                "x;\u00A0\"\"＝1",
                ";;=1"
            })
    void no_cell_starts_a_formula_whatever_separates_cells(String attack) {
        String cell = SpreadsheetCell.of(attack);

        assertThat(cell).doesNotContain("\r", "\n", "\t");
        for (String separator : List.of("\u0000none", ";", ",", "\\|")) {
            for (String part : cell.split(separator)) {
                String seen = part.codePoints()
                        .dropWhile(c -> Character.isWhitespace(c)
                                || Character.isSpaceChar(c)
                                || c == '"'
                                || Character.getType(c) == Character.FORMAT)
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                        .toString();
                assertThat(seen.isEmpty() || FORMULA_STARTS.indexOf(seen.charAt(0)) < 0)
                        .as(cell)
                        .isTrue();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "customerId is \"x\": expected a uuid",
                "a - b = c",
                "Müller; Köln, 50667",
                "1,5 | 2",
                "\uD83D\uDE80 x",
                "not found, see a=b"
            })
    void harmless_text_stays_as_it_is(String text) {
        assertThat(SpreadsheetCell.of(text)).isEqualTo(text);
    }

    @Test
    void nothing_is_an_empty_cell() {
        assertThat(SpreadsheetCell.of(null)).isEmpty();
    }

    @Test
    void a_report_has_a_line_for_each_dead_letter_in_the_order_of_the_file() throws Exception {
        try (ImportFixture fixture = new ImportFixture(inbox, 3, ImportFixture.TENANT)) {
            Path file = fixture.drop(
                    "keys.csv",
                    ImportFixture.csv(901, 1, 902) + "=cmd;\"x\"\"y\"\n"
                            + ImportFixture.csv(2, 3, 4, 5, 6, 7, 903).substring("customerId;contactId\n".length()));
            RunSummary summary = fixture.pass(file);
            fixture.after.report(summary);

            List<List<String>> rows = read(inbox.resolve("keys.csv.errors.csv"));

            assertThat(rows.get(0)).containsExactly("line", "key", "reason", "status", "code", "message");
            assertThat(rows).extracting(row -> row.get(0)).containsExactly("line", "2", "4", "5", "12");
            assertThat(rows.get(1))
                    .containsExactly(
                            "2",
                            ImportFixture.customer(901) + "/" + ImportFixture.contact(901),
                            "not-found",
                            "404",
                            "NotFound",
                            "no such contact");
            assertThat(rows.get(3)).startsWith("5", "'=cmd;\"x\"\"y\"", "invalid-key", "", "");
            assertThat(rows.get(3).get(5)).contains("customerId");
            assertThat(fixture.files()).containsExactly("keys.csv", "keys.csv.errors.csv");
        }
    }

    @Test
    void a_report_takes_the_place_of_an_older_one_and_goes_when_nothing_is_left_to_report() throws Exception {
        try (ImportFixture fixture = new ImportFixture(inbox, 3, ImportFixture.TENANT)) {
            Path report = Files.writeString(inbox.resolve("keys.csv.errors.csv"), "of yesterday");
            RunSummary summary = fixture.pass(fixture.drop("keys.csv", ImportFixture.csv(901)));
            fixture.after.report(summary);
            assertThat(read(report)).hasSize(2);
            fixture.after.close(summary);

            fixture.after.report(fixture.pass(fixture.drop("keys.csv", ImportFixture.csv(1))));

            assertThat(fixture.files()).containsExactly("keys.csv");
        }
    }

    /** Once, an import without dead letters warned of a folder that it could not write them to. */
    @Test
    void nothing_is_written_for_a_run_without_dead_letters() throws Exception {
        try (ImportFixture fixture = new ImportFixture(inbox, 3, ImportFixture.TENANT)) {
            RunSummary summary = fixture.pass(fixture.drop("keys.csv", ImportFixture.csv(1)));
            Path report = inbox.resolve("no folder/keys.csv.errors.csv");

            ErrorReportWriter.write(report, fixture.runStore, summary.run().id());

            assertThat(report.getParent()).doesNotExist();
        }
    }

    private static List<List<String>> read(Path report) throws IOException {
        try (Stream<CsvRecord> rows = CsvReader.builder().ofCsvRecord(report).stream()) {
            return rows.map(CsvRecord::getFields).toList();
        }
    }
}
