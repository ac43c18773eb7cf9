package de.contactsync.keyfile;

import static de.contactsync.keyfile.KeyReading.csv;
import static de.contactsync.keyfile.KeyReading.gzip;
import static de.contactsync.keyfile.KeyReading.json;
import static de.contactsync.keyfile.KeyReading.read;
import static de.contactsync.keyfile.KeyReading.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GzipKeyFileTest {

    private static final String FIRST = csv("customerId,contactId\n$1\n$2\n$3");
    private static final String SECOND = csv("4\n$5\n");

    private static byte[] together(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    @Test
    void several_members() {
        String begin = FIRST.substring(0, FIRST.length() - 1);
        byte[] file = together(gzip(utf8(begin)), gzip(new byte[0]), gzip(utf8("3\n")), gzip(utf8(csv("$4\n"))));
        assertThat(read("keys.csv.gz", file)).containsExactly("2=1", "3=2", "4=3", "5=4");
    }

    /** Rows that do not pack well, so that a cut is in the middle of the rows and not in a table before them. */
    private static String rows(int count) {
        Random random = new Random(7);
        StringBuilder rows = new StringBuilder("customerId,contactId,name\n");
        for (int key = 1; key <= count; key++) {
            rows.append(csv("$" + key)).append(',').append(random.nextLong()).append('\n');
        }
        return rows.toString();
    }

    @Test
    void cut_off_anywhere() {
        byte[] whole = gzip(utf8(rows(3000)));
        List<String> all = IntStream.rangeClosed(1, 3000)
                .mapToObj(key -> (key + 1) + "=" + key)
                .toList();
        assertThat(read("keys.csv.gz", whole)).isEqualTo(all);
        for (int length : List.of(5000, whole.length / 2, whole.length - 9, whole.length - 8, whole.length - 1)) {
            List<String> entries = read("keys.csv.gz", Arrays.copyOf(whole, length));
            int read = entries.size() - 1;
            assertThat(entries.subList(0, read)).isEqualTo(all.subList(0, read)).isNotEmpty();
            assertThat(entries.get(read))
                    .isEqualTo("unreadable: the file breaks off after line " + (read + 1)
                            + ": the gzip file is truncated, what comes behind cannot be read");
        }
    }

    /** Half a line may be a key too, but not the one that was meant: its tenant may be missing. */
    @Test
    void half_a_line_is_no_key() {
        byte[] whole = gzip(utf8(csv("customerId,contactId,tenantId\n$1,\n$2")));
        assertThat(read("keys.csv.gz", Arrays.copyOf(whole, whole.length - 8)))
                .containsExactly(
                        "2=1",
                        "unreadable: the file breaks off after line 2: the gzip file is truncated, what comes behind"
                                + " cannot be read");
    }

    @Test
    void a_long_line_cut_off() {
        byte[] whole = gzip(utf8(csv("customerId,contactId\n$1\n") + "x".repeat(100_000)));
        assertThat(read("keys.csv.gz", Arrays.copyOf(whole, whole.length - 8)))
                .containsExactly(
                        "2=1",
                        "unreadable: the file breaks off after line 2: the gzip file is truncated, what comes behind"
                                + " cannot be read");
    }

    @Test
    void other_formats_cut_off() {
        byte[] lines = gzip(utf8(json("$1\n$2\n$3")));
        assertThat(read("keys.ndjson.gz", Arrays.copyOf(lines, lines.length - 8)))
                .containsExactly(
                        "1=1",
                        "2=2",
                        "unreadable: the file breaks off after line 2: the gzip file is truncated, what comes behind"
                                + " cannot be read");
        byte[] array = gzip(utf8(json("[$1,\n$2,\n{\"customerId")));
        assertThat(read("keys.json.gz", Arrays.copyOf(array, array.length - 8)))
                .containsExactly(
                        "1=1",
                        "2=2",
                        "unreadable: the file breaks off after element 2 (line 3, column 1): the gzip file is"
                                + " truncated, what comes behind cannot be read");
    }

    @Test
    void cut_off_in_the_beginning() {
        byte[] whole = gzip(utf8(FIRST));
        for (int length : List.of(0, 1, 5, 10)) {
            assertThat(read("keys.csv.gz", Arrays.copyOf(whole, length)))
                    .containsExactly(
                            "unreadable: the name ends with .gz, but the gzip file is truncated at its very beginning");
        }
        byte[] mark = gzip(utf8("customerId,contactId"));
        assertThat(read("keys.csv.gz", Arrays.copyOf(mark, mark.length - 8)))
                .containsExactly(
                        "unreadable: the file breaks off before the end of line 1: the gzip file is truncated, what"
                                + " comes behind cannot be read");
    }

    @Test
    void no_gzip() {
        assertThat(read("keys.csv.gz", FIRST))
                .containsExactly("unreadable: the name ends with .gz, but the gzip file is damaged (Not in GZIP format)"
                        + " at its very beginning");
    }

    @Test
    void damaged() {
        byte[] whole = gzip(utf8(rows(3000)));
        byte[] wrongSum = whole.clone();
        wrongSum[whole.length - 6] ^= 1;
        assertThat(read("keys.csv.gz", wrongSum))
                .hasSize(3001)
                .last()
                .asString()
                .startsWith("unreadable: the file breaks off after line 3001: the gzip file is damaged (");

        byte[] middle = whole.clone();
        Arrays.fill(middle, whole.length / 2, whole.length / 2 + 50, (byte) 0xFF);
        assertThat(read("keys.csv.gz", middle))
                .hasSizeBetween(500, 3001)
                .last()
                .asString()
                .startsWith("unreadable: the file breaks off after line ");
    }

    /** The JDK would take the first member for the whole file, and lose the keys of the second without a word. */
    @Test
    void damaged_second_member() {
        byte[] first = gzip(utf8(FIRST + "\n"));
        byte[] second = gzip(utf8(SECOND));
        second[0] ^= 1;
        for (byte[] rest : List.of(second, new byte[] {1}, utf8("\n"), Arrays.copyOf(gzip(utf8(SECOND)), 6))) {
            assertThat(read("keys.csv.gz", together(first, rest)))
                    .containsExactly(
                            "2=1",
                            "3=2",
                            "4=3",
                            "unreadable: the file breaks off after line 4: the gzip file"
                                    + " is damaged (followed by bytes that are not gzip), what comes behind cannot"
                                    + " be read");
        }
    }
}
