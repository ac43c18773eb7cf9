package de.contactsync.source;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import de.contactsync.source.RunSummary.End;
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

class ContactFileTest {

    private static final String UPDATE = "UPDATE contact SET last_name = '=cmd', phone_number = '+49 30 1', fax = '',"
            + " email_address = 'j;ö@example.org' WHERE contact_id = '" + House.contact(1) + "'";

    @TempDir
    Path inbox;

    private House house;

    @BeforeEach
    void open() {
        house = new House(inbox, 2, House.TENANT);
        house.output = ContactFile.Format.CSV;
        house.restart();
    }

    @AfterEach
    void close() throws Exception {
        house.close();
    }

    private static List<List<String>> read(Path file) throws IOException {
        try (Stream<CsvRecord> rows = CsvReader.builder().ofCsvRecord(file).stream()) {
            return rows.map(CsvRecord::getFields).toList();
        }
    }

    @Test
    void the_contacts_of_all_chunks_stand_in_the_order_of_the_keys_each_once_and_without_dead_letters() throws Exception {
        house.drop("keys.csv", House.csv(3, 901, 1, 3, 2) + "no key\n" + House.line(4) + "\n");
        RunSummary summary = house.passNext();
        house.test.execute(UPDATE);
        // Known from an earlier run, and gone at JTL in this one.
        house.test.execute("INSERT INTO contact SELECT tenant_id, '" + House.customer(901) + "', '" + House.contact(901)
                + "', department, honorific, first_name, last_name, phone_number, mobile_phone_number, email_address, fax,"
                + " content_hash, first_seen_at, changed_at, enriched_at, asked_at FROM contact WHERE contact_id = '"
                + House.contact(2) + "'");
        house.after.settle(summary);

        List<List<String>> rows = read(inbox.resolve(".done/keys.csv.contacts.csv"));
        assertThat(rows.get(0)).containsExactly("tenantId", "customerId", "contactId", "department", "honorific",
                "firstName", "lastName", "phoneNumber", "mobilePhoneNumber", "emailAddress", "fax");
        assertThat(rows).extracting(row -> row.get(2)).containsExactly("contactId", House.contact(3).toString(),
                House.contact(1).toString(), House.contact(2).toString(), House.contact(4).toString());
        assertThat(rows.get(2)).containsExactly(House.TENANT.toString(), House.customer(1).toString(),
                House.contact(1).toString(), "", "", "", "'=cmd", "'+49 30 1", "", "j;ö@example.org", "");
        assertThat(house.files()).containsExactly(".done/keys.csv", ".done/keys.csv.contacts.csv",
                ".done/keys.csv.errors.csv");
    }

    @Test
    void as_json_lines_the_texts_stay_as_they_are_and_null_is_not_an_empty_text() throws Exception {
        house.output = ContactFile.Format.NDJSON;
        house.restart();
        Path file = house.drop("keys.csv", House.csv(1, 901, 2));
        RunSummary summary = house.pass(file);
        house.test.execute(UPDATE);
        house.after.report(summary);

        List<String> lines = Files.readAllLines(inbox.resolve("keys.csv.contacts.ndjson"));
        assertThat(lines).hasSize(2);
        assertThat(new ObjectMapper().readTree(lines.get(0))).isEqualTo(new ObjectMapper().readTree("{\"tenantId\":\""
                + House.TENANT + "\",\"customerId\":\"" + House.customer(1) + "\",\"contactId\":\"" + House.contact(1)
                + "\",\"department\":null,\"honorific\":null,\"firstName\":null,\"lastName\":\"=cmd\","
                + "\"phoneNumber\":\"+49 30 1\",\"mobilePhoneNumber\":null,\"emailAddress\":\"j;ö@example.org\","
                + "\"fax\":\"\"}"));
        assertThat(file).exists();
    }

    @Test
    void a_run_that_was_cut_off_behind_its_last_chunk_gets_its_file_at_the_next_start() throws Exception {
        house.drop("keys.csv", House.csv(1, 2, 3));
        house.passNext();
        house.restart();
        Files.writeString(Files.createDirectories(inbox.resolve(".done")).resolve(".keys.csv.contacts.csv.tmp"), "half");

        house.after.settle(house.passes.finish(house.openNext()));

        assertThat(read(inbox.resolve(".done/keys.csv.contacts.csv"))).hasSize(4);
        assertThat(house.files()).containsExactly(".done/keys.csv", ".done/keys.csv.contacts.csv");
        assertThat(house.asked).hasSize(3);
    }

    @Test
    void what_stands_beside_a_key_file_is_not_taken_for_one() throws Exception {
        house.drop("keys.csv.contacts.csv", House.csv(1));
        house.drop("keys.ndjson.gz.contacts.ndjson", House.csv(1));
        house.drop("crm.contacts.csv", House.csv(1));

        assertThat(ContactFile.isOne("keys.csv.contacts.csv")).isTrue();
        assertThat(ContactFile.isOne("keys.ndjson.gz.contacts.ndjson")).isTrue();
        assertThat(ContactFile.isOne("crm.contacts.csv")).as("a key file that happens to be called so").isFalse();
        assertThat(house.look.isReady(new InboxFile(inbox.resolve("keys.csv.contacts.csv"), inbox))).isFalse();
    }

    @Test
    void a_file_that_was_replaced_meanwhile_is_not_read_for_the_old_run() throws Exception {
        house.drop("keys.csv", House.csv(1, 2));
        RunSummary summary = house.passNext();
        Files.writeString(summary.file(), House.csv(7));
        house.after.settle(summary);

        assertThat(summary.end()).isEqualTo(End.FINISHED);
        assertThat(house.files()).containsExactly(".work/keys.csv");
    }
}
