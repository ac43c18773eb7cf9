package de.contactsync.imports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import de.contactsync.imports.RunSummary.End;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ContactFileWriterTest {

    private static final String UPDATE = "UPDATE contact SET last_name = '=cmd', phone_number = '+49 30 1', fax = '',"
            + " email_address = 'j;ö@example.org' WHERE contact_id = '" + ImportFixture.contact(1) + "'";

    @TempDir
    Path inbox;

    private ImportFixture fixture;

    @BeforeEach
    void open() {
        fixture = new ImportFixture(inbox, 2, ImportFixture.TENANT);
        fixture.output = ContactFileWriter.Format.CSV;
        fixture.restart();
    }

    @AfterEach
    void close() throws Exception {
        fixture.close();
    }

    private static List<List<String>> read(Path file) throws IOException {
        try (Stream<CsvRecord> rows = CsvReader.builder().ofCsvRecord(file).stream()) {
            return rows.map(CsvRecord::getFields).toList();
        }
    }

    /** Once, each try left a file open, and what it held of a full disk was free again only when the program ended. */
    @ParameterizedTest
    @EnumSource
    void a_full_disk_leaves_no_file_open(ContactFileWriter.Format format) throws Exception {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.exists(full), "there is no /dev/full here");
        fixture.output = format;
        fixture.restart();
        fixture.drop("keys.csv", ImportFixture.csv(1, 2, 901));
        RunSummary summary = fixture.passNext();
        Files.createDirectory(inbox.resolve(".done"));
        for (String beside : List.of("keys.csv" + format.suffix(), "keys.csv.errors.csv")) {
            Files.createSymbolicLink(FileNames.draft(inbox.resolve(".done").resolve(beside)), full);

            fixture.after.finalizeRun(summary);
            assertThat(fixture.files()).noneMatch(name -> name.equals(".done/keys.csv"));
            assertThat(open(full)).isZero();
        }
    }

    private static long open(Path file) throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.filter(descriptor -> {
                        try {
                            return Files.readSymbolicLink(descriptor).equals(file);
                        } catch (IOException e) {
                            // Closed meanwhile.
                            return false;
                        }
                    })
                    .count();
        }
    }

    @Test
    void contacts_of_all_chunks_are_written_once_in_key_order_without_dead_letters() throws Exception {
        fixture.drop("keys.csv", ImportFixture.csv(3, 901, 1, 3, 2) + "no key\n" + ImportFixture.line(4) + "\n");
        RunSummary summary = fixture.passNext();
        fixture.test.execute(UPDATE);
        // Known from an earlier run, and gone at JTL in this one.
        fixture.test.execute("INSERT INTO contact SELECT tenant_id, '" + ImportFixture.customer(901) + "', '"
                + ImportFixture.contact(901)
                + "', department, honorific, first_name, last_name, phone_number, mobile_phone_number,"
                + " email_address, fax,"
                + " content_hash, first_seen_at, changed_at, enriched_at, asked_at FROM contact WHERE contact_id = '"
                + ImportFixture.contact(2) + "'");
        fixture.after.finalizeRun(summary);

        List<List<String>> rows = read(inbox.resolve(".done/keys.csv.contacts.csv"));
        assertThat(rows.get(0))
                .containsExactly(
                        "tenantId",
                        "customerId",
                        "contactId",
                        "department",
                        "honorific",
                        "firstName",
                        "lastName",
                        "phoneNumber",
                        "mobilePhoneNumber",
                        "emailAddress",
                        "fax");
        assertThat(rows)
                .extracting(row -> row.get(2))
                .containsExactly(
                        "contactId",
                        ImportFixture.contact(3).toString(),
                        ImportFixture.contact(1).toString(),
                        ImportFixture.contact(2).toString(),
                        ImportFixture.contact(4).toString());
        assertThat(rows.get(2))
                .containsExactly(
                        ImportFixture.TENANT.toString(),
                        ImportFixture.customer(1).toString(),
                        ImportFixture.contact(1).toString(),
                        "",
                        "",
                        "",
                        "'=cmd",
                        "'+49 30 1",
                        "",
                        "j;ö@example.org",
                        "");
        assertThat(fixture.files())
                .containsExactly(".done/keys.csv", ".done/keys.csv.contacts.csv", ".done/keys.csv.errors.csv");
    }

    @Test
    void as_json_lines_the_texts_stay_as_they_are_and_null_is_not_an_empty_text() throws Exception {
        fixture.output = ContactFileWriter.Format.NDJSON;
        fixture.restart();
        Path file = fixture.drop("keys.csv", ImportFixture.csv(1, 901, 2));
        RunSummary summary = fixture.pass(file);
        fixture.test.execute(UPDATE);
        fixture.after.report(summary);

        List<String> lines = Files.readAllLines(inbox.resolve("keys.csv.contacts.ndjson"));
        assertThat(lines).hasSize(2);
        assertThat(new ObjectMapper().readTree(lines.get(0)))
                .isEqualTo(new ObjectMapper()
                        .readTree("{\"tenantId\":\""
                                + ImportFixture.TENANT + "\",\"customerId\":\"" + ImportFixture.customer(1)
                                + "\",\"contactId\":\""
                                + ImportFixture.contact(1)
                                + "\",\"department\":null,\"honorific\":null,\"firstName\":null,\"lastName\":\"=cmd\","
                                + "\"phoneNumber\":\"+49 30"
                                + " 1\",\"mobilePhoneNumber\":null,\"emailAddress\":\"j;ö@example.org\","
                                + "\"fax\":\"\"}"));
        assertThat(file).exists();
    }

    @Test
    void a_run_that_was_cut_off_behind_its_last_chunk_gets_its_file_at_the_next_start() throws Exception {
        fixture.drop("keys.csv", ImportFixture.csv(1, 2, 3));
        fixture.passNext();
        fixture.restart();
        Files.writeString(
                Files.createDirectories(inbox.resolve(".done")).resolve(".keys.csv.contacts.csv.tmp"), "half");

        fixture.after.finalizeRun(fixture.coordinator.finish(fixture.openNext()));

        assertThat(read(inbox.resolve(".done/keys.csv.contacts.csv"))).hasSize(4);
        assertThat(fixture.files()).containsExactly(".done/keys.csv", ".done/keys.csv.contacts.csv");
        assertThat(fixture.asked).hasSize(3);
    }

    @Test
    void what_stands_beside_a_key_file_is_not_taken_for_one() throws Exception {
        fixture.drop("keys.csv.contacts.csv", ImportFixture.csv(1));
        fixture.drop("keys.ndjson.gz.contacts.ndjson", ImportFixture.csv(1));
        fixture.drop("crm.contacts.csv", ImportFixture.csv(1));

        assertThat(ContactFileWriter.isOne("keys.csv.contacts.csv")).isTrue();
        assertThat(ContactFileWriter.isOne("keys.ndjson.gz.contacts.ndjson")).isTrue();
        assertThat(ContactFileWriter.isOne("crm.contacts.csv"))
                .as("a key file that happens to be called so")
                .isFalse();
        assertThat(fixture.look.readiness().isReady(new InboxFile(inbox.resolve("keys.csv.contacts.csv"), inbox)))
                .isFalse();
    }

    @Test
    void a_file_that_was_replaced_meanwhile_is_not_read_for_the_old_run() throws Exception {
        fixture.drop("keys.csv", ImportFixture.csv(1, 2));
        RunSummary summary = fixture.passNext();
        Files.writeString(summary.file(), ImportFixture.csv(7));
        fixture.after.finalizeRun(summary);

        assertThat(summary.end()).isEqualTo(End.FINISHED);
        assertThat(fixture.files()).containsExactly(".work/keys.csv");
    }
}
