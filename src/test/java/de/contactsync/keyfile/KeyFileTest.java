package de.contactsync.keyfile;

import static de.contactsync.keyfile.KeyReading.contact;
import static de.contactsync.keyfile.KeyReading.customer;
import static de.contactsync.keyfile.KeyReading.gzip;
import static de.contactsync.keyfile.KeyReading.read;
import static de.contactsync.keyfile.KeyReading.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.contactsync.model.ContactKey;
import de.contactsync.model.KeyEntry;
import de.contactsync.model.TenantNames;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyFileTest {

    private static final UUID TENANT = UUID.fromString("3F2B8C1E-7D4A-4B6F-9A0E-5C1D2E3F4A5B");

    /** A character that takes one, two and three bytes in UTF-8, all of them in Windows-1252 too. */
    private static final String NAME = "Größe 5 €";

    enum Encoding {
        UTF_8("", StandardCharsets.UTF_8),
        UTF_8_MARKED("\uFEFF", StandardCharsets.UTF_8),
        UTF_16LE("\uFEFF", StandardCharsets.UTF_16LE),
        UTF_16BE("\uFEFF", StandardCharsets.UTF_16BE),
        WINDOWS_1252("", Charset.forName("windows-1252"));

        private final String mark;
        private final Charset charset;

        Encoding(String mark, Charset charset) {
            this.mark = mark;
            this.charset = charset;
        }

        byte[] of(String text) {
            return (mark + text).getBytes(charset);
        }
    }

    static Stream<Arguments> same_keys() {
        List<Arguments> table = new ArrayList<>();
        for (Encoding encoding : Encoding.values()) {
            for (String end : List.of("\n", "\r\n", "\r")) {
                for (char separator : ",;\t|".toCharArray()) {
                    table.add(Arguments.of("keys.csv", encoding, csv(separator, end), 2));
                }
                table.add(Arguments.of("keys.tsv", encoding, csv('\t', end), 2));
                table.add(Arguments.of("keys.txt", encoding, csv(';', end), 2));
                table.add(Arguments.of("keys.ndjson", encoding, json("", end, ""), 1));
                table.add(Arguments.of("keys.jsonl", encoding, json("", end, ""), 1));
                table.add(Arguments.of("keys.json", encoding, json("[", "," + end, "]"), 1));
            }
        }
        return table.stream();
    }

    private static String csv(char separator, String end) {
        List<String> rows = new ArrayList<>(List.of("Name|tenant_id|Customer-ID|Contact Id|more"));
        for (int key = 1; key <= 3; key++) {
            rows.add(
                    "\"" + NAME + "\"|" + (key == 2 ? TENANT : "") + "|" + customer(key) + "| " + contact(key) + " |x");
        }
        return String.join(end, rows).replace('|', separator);
    }

    private static String json(String open, String between, String close) {
        List<String> objects = new ArrayList<>();
        for (int key = 1; key <= 3; key++) {
            String tenant = key == 2 ? "\"tenant_id\":\"" + TENANT + "\"," : "";
            objects.add("{\"Name\":\"" + NAME + "\"," + tenant + "\"Customer-ID\":\"" + customer(key)
                    + "\",\"more\":{\"customerId\":[1]},\"customerContactId\":\"" + contact(key) + "\"}");
        }
        return open + String.join(between, objects) + close;
    }

    @ParameterizedTest
    @MethodSource
    void same_keys(String name, Encoding encoding, String text, long firstPosition, @TempDir Path folder)
            throws IOException {
        List<KeyEntry> expected = new ArrayList<>();
        UUID unnamed = new UUID(1, 1);
        for (int key = 1; key <= 3; key++) {
            UUID tenant = key == 2 ? TENANT : unnamed;
            expected.add(
                    new KeyEntry.Valid(firstPosition + key - 1, new ContactKey(tenant, customer(key), contact(key))));
        }
        Path plain = Files.write(folder.resolve(name), encoding.of(text));
        Path packed = Files.write(folder.resolve(name.toUpperCase() + ".gZ"), gzip(encoding.of(text)));

        assertThat(all(plain)).isEqualTo(expected);
        assertThat(all(packed)).isEqualTo(expected);
    }

    private static List<KeyEntry> all(Path file) throws IOException {
        List<KeyEntry> entries = new ArrayList<>();
        try (KeyFile keys = KeyFile.open(file)) {
            keys.forEachRemaining(entry -> entries.add(entry.orTenant(TenantNames.only(new UUID(1, 1)))));
        }
        return entries;
    }

    @ParameterizedTest
    @ValueSource(strings = {"keys.csv", "keys.ndjson", "keys.json", "keys.csv.gz", "keys.ndjson.gz", "keys.json.gz"})
    void nothing_in_it_is_no_keys(String name) {
        for (String text : List.of("", "\uFEFF", "\n\r\n \t\n", "\uFEFF\n")) {
            byte[] bytes = name.endsWith(".gz") ? gzip(utf8(text)) : utf8(text);
            assertThat(read(name, bytes)).as("%s with '%s'", name, text).isEmpty();
        }
        assertThat(read("keys.csv", new byte[] {(byte) 0xFF, (byte) 0xFE})).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.csv", "a.TSV", "a.txt", "A.B.NdJson", "a.jsonl", "a.json", "a.csv.gz", "a.JSON.GZ"})
    void understands(String name) {
        assertThat(KeyFile.understands(name)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "csv", "a.xlsx", "a.csv.zip", "a.gz", "a.csv.gz.gz", "a.csv.part", "a.csv~", ""})
    void does_not_understand(String name, @TempDir Path folder) {
        assertThat(KeyFile.understands(name)).isFalse();
        if (!name.isEmpty()) {
            assertThatThrownBy(() -> KeyFile.open(folder.resolve(name)))
                    .isInstanceOf(UnreadableKeyFileException.class)
                    .hasMessage("the extension of \"" + name
                            + "\" is unknown: expected one of .csv, .tsv, .txt, .ndjson, .jsonl and .json,"
                            + " each also with .gz");
        }
    }

    @Test
    void names_files_that_bear_the_wrong_name() {
        assertThat(read("keys.csv", gzip(utf8("x"))))
                .containsExactly("unreadable: the file is gzipped: rename it to end with .gz, or unpack it");
        assertThat(read("keys.csv", "PK\u0003\u0004\u0014"))
                .containsExactly("unreadable: the file is a zip archive or an Excel workbook: save it as CSV");
    }

    @Test
    void a_missing_file_is_no_damage(@TempDir Path folder) {
        assertThatThrownBy(() -> KeyFile.open(folder.resolve("keys.csv"))).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void a_failing_disk_is_no_damage() throws IOException {
        byte[] begin = utf8(KeyReading.csv("customerId,contactId\n$1\n$2\n"));
        InputStream failing = new InputStream() {
            private final InputStream good = new ByteArrayInputStream(begin);

            @Override
            public int read() throws IOException {
                int next = good.read();
                if (next < 0) {
                    throw new IOException("disk on fire");
                }
                return next;
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                int count = good.read(bytes, offset, length);
                if (count < 0) {
                    throw new IOException("disk on fire");
                }
                return count;
            }
        };
        try (KeyFile file = KeyFile.open("keys.csv", failing)) {
            assertThat(file.next().position()).isEqualTo(2);
            assertThat(file.next().position()).isEqualTo(3);
            assertThatExceptionOfType(UncheckedIOException.class)
                    .isThrownBy(file::next)
                    .withMessageContaining("disk on fire");
            assertThat(file.hasNext()).isFalse();
            assertThatThrownBy(file::next).isInstanceOf(NoSuchElementException.class);
        }
    }

    @Test
    void closes_the_file_also_when_it_cannot_be_opened() {
        boolean[] closed = new boolean[1];
        InputStream bytes = new ByteArrayInputStream(utf8("no header")) {
            @Override
            public void close() {
                closed[0] = true;
            }
        };
        assertThatThrownBy(() -> KeyFile.open("keys.csv", bytes)).isInstanceOf(UnreadableKeyFileException.class);
        assertThat(closed).containsExactly(true);
    }
}
