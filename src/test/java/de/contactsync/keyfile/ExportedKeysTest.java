package de.contactsync.keyfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.contactsync.model.ContactKey;
import de.contactsync.model.KeyEntry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys as other systems export them; each of these forms was refused once. */
class ExportedKeysTest {

    private static final UUID CUSTOMER = UUID.fromString("b45f8c1e-7d4a-4b6f-9a0e-5c1d2e3f4a5b");
    private static final UUID CONTACT = UUID.fromString("3f2b8c1e-7d4a-4b6f-9a0e-5c1d2e3f4a5c");
    private static final String CSV = "customerId;contactId\r\n" + CUSTOMER + ";" + CONTACT + "\r\n";

    private static List<KeyEntry> read(String name, byte[] content) throws IOException {
        List<KeyEntry> entries = new ArrayList<>();
        try (KeyFile file = KeyFile.open(name, new ByteArrayInputStream(content))) {
            file.forEachRemaining(entries::add);
        }
        return entries;
    }

    private static void assertIsTheKey(List<KeyEntry> entries) {
        assertThat(entries).singleElement().isInstanceOfSatisfying(KeyEntry.Valid.class, valid -> {
            assertThat(valid.position()).isEqualTo(2);
            assertThat(valid.key()).isEqualTo(new ContactKey(null, CUSTOMER, CONTACT));
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{B45F8C1E-7D4A-4B6F-9A0E-5C1D2E3F4A5B}", "(b45f8c1e-7d4a-4b6f-9a0e-5c1d2e3f4a5b)",
                "b45f8c1e7d4a4b6f9a0e5c1d2e3f4a5b", "b45f8c1e–7d4a–4b6f–9a0e–5c1d2e3f4a5b",
                "b45f8c1e‐7d4a‑4b6f−9a0e－5c1d2e3f4a5b", "{B45F8C1E7D4A4B6F9A0E5C1D2E3F4A5B}",
                "\u00A0b45f8c1e-7d4a-4b6f-9a0e-5c1d2e3f4a5b\u202F", "\uFEFFb45f8c1e-7d4a-4b6f-9a0e-5c1d2e3f4a5b\u200B",
                "'b45f8c1e-7d4a-4b6f-9a0e-5c1d2e3f4a5b'", "„b45f8c1e-7d4a-4b6f-9a0e-5c1d2e3f4a5b“",
                "\"\"\"b45f8c1e-7d4a-4b6f-9a0e-5c1d2e3f4a5b\"\"\"", "»{B45F8C1E-7D4A-4B6F-9A0E-5C1D2E3F4A5B}«",
                "=\"b45f8c1e-7d4a-4b6f-9a0e-5c1d2e3f4a5b\"", "\"=\"\"b45f8c1e-7d4a-4b6f-9a0e-5c1d2e3f4a5b\"\"\""
            })
    void an_id_is_read_as_systems_write_it(String id) throws IOException {
        assertIsTheKey(
                read("keys.csv", ("customerId;contactId\n" + id + ";" + CONTACT).getBytes(StandardCharsets.UTF_8)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{b45f8c1e-7d4a-4b6f-9a0e-5c1d2e3f4a5b",
                "b45f8c1e-7d4a4b6f9a0e5c1d2e3f4a5b",
                "b45f8c1e7d4a4b6f9a0e5c1d2e3f4a5g",
                "b45f8c1e7d4a4b6f9a0e5c1d2e3f4a5",
                "{}",
                "{b45f}",
                "g45f8c1e-7d4a-4b6f-9a0e-5c1d2e3f4a5b"
            })
    void what_is_no_id_stays_none(String id) {
        assertThat(ContactKey.parseUuid(id)).isEmpty();
    }

    @Test
    void a_tenant_of_no_break_spaces_is_none() throws IOException {
        assertIsTheKey(read(
                "keys.csv",
                ("customerId;contactId;tenantId\n" + CUSTOMER + ";" + CONTACT + ";\u00A0\u00A0")
                        .getBytes(StandardCharsets.UTF_8)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16LE", "UTF-16BE"})
    void utf_16_is_known_without_a_mark(String charset) throws IOException {
        assertIsTheKey(read("keys.csv", CSV.getBytes(Charset.forName(charset))));
        assertThat(read(
                        "keys.jsonl",
                        ("{\"customerId\":\"" + CUSTOMER + "\",\"contactId\":\"" + CONTACT + "\"}")
                                .getBytes(Charset.forName(charset))))
                .hasSize(1)
                .first()
                .isInstanceOf(KeyEntry.Valid.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 8, 9, 512, 10_240, 200_000})
    void zero_bytes_behind_a_gzip_file_are_padding(int zeros) throws IOException {
        ByteArrayOutputStream bytes = gzip();
        bytes.write(new byte[zeros]);
        assertIsTheKey(read("keys.csv.gz", bytes.toByteArray()));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 9, 10_240, 200_000})
    void what_stands_behind_the_zero_bytes_is_still_an_error(int zeros) throws IOException {
        ByteArrayOutputStream bytes = gzip();
        bytes.write(new byte[zeros]);
        bytes.write('x');
        assertThatThrownBy(() -> read("keys.csv.gz", bytes.toByteArray()))
                .isInstanceOf(UnreadableKeyFileException.class)
                .hasMessageContaining("not gzip");
    }

    private static ByteArrayOutputStream gzip() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(CSV.getBytes(StandardCharsets.UTF_8));
        }
        return bytes;
    }

    @Test
    void a_title_above_the_header_is_named_together_with_the_line_of_the_header() {
        assertThatThrownBy(() -> read(
                        "keys.csv",
                        ("Kontakte, Stand 27.11.2026\n\n\"x\ny\"\n" + CSV).getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(UnreadableKeyFileException.class)
                .hasMessageContaining("Kontakte, Stand")
                .hasMessageEndingWith("Line 5 has both columns: delete the lines above it.");
        assertThatThrownBy(() -> read("keys.csv", "Kontakte\nMeier\n".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(UnreadableKeyFileException.class)
                .hasMessageNotContaining("Line ");
    }
}
