package de.contactsync.keyfile;

import static de.contactsync.keyfile.KeyReading.bytes;
import static de.contactsync.keyfile.KeyReading.csv;
import static de.contactsync.keyfile.KeyReading.gzip;
import static de.contactsync.keyfile.KeyReading.json;
import static de.contactsync.keyfile.KeyReading.read;
import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.model.KeyEntry;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Seeded, so that a failure comes again; {@code -Dfuzz.files} and {@code -Dfuzz.seed} look further. */
class KeyFuzzTest {

    private static final int FILES = Integer.getInteger("fuzz.files", 300);
    private static final int SEED = Integer.getInteger("fuzz.seed", 42);
    private static final String ALPHABET = "\"\",;\t|\n\r{}[]:\\ \0\u00FC\u00EF\u00BB\u00BF\u00FF\u00FEa0-";

    /** Anything may be said about such a file, as long as it is said by an entry or an UnreadableKeyFileException. */
    @ParameterizedTest
    @ValueSource(strings = {"keys.csv", "keys.ndjson", "keys.json", "keys.csv.gz", "keys.json.gz"})
    @Tag("slow")
    void any_bytes(String name) {
        Random random = new Random(SEED);
        for (int i = 0; i < FILES; i++) {
            byte[] file = new byte[random.nextInt(400)];
            random.nextBytes(file);
            String text = new String(file, StandardCharsets.ISO_8859_1);
            if (i % 3 > 0) {
                text = text.chars()
                        .map(c -> ALPHABET.charAt(c % ALPHABET.length()))
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                        .toString();
            }
            String start = i % 2 == 0 ? "" : name.contains("csv") ? "customerId,contactId\n" : json("[$1,");
            file = bytes(start + text);
            if (name.endsWith(".gz") && i % 5 > 0) {
                file = gzip(file);
                file[random.nextInt(file.length)] ^= (byte) (i % 5 - 1);
            }
            assertThat(read(name, file)).as("file %d", i).isNotNull();
            KeyMessageParser.parse(file, 10_000).forEach(KeyFuzzTest::assertFitForTheDatabase);
        }
    }

    private static void assertFitForTheDatabase(KeyEntry entry) {
        if (entry instanceof KeyEntry.Invalid invalid) {
            assertThat(invalid.raw().getBytes(StandardCharsets.UTF_8))
                    .hasSizeLessThanOrEqualTo(1024)
                    .doesNotContain(0);
            assertThat(invalid.problem()).isNotBlank().doesNotContain("\0").hasSizeLessThan(400);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"keys.csv", "keys.ndjson", "keys.json"})
    void damage_fails_no_other_entry(String name) {
        Random random = new Random(SEED);
        for (int i = 0; i < FILES; i++) {
            boolean csv = name.endsWith("csv");
            List<String> lines = new ArrayList<>();
            List<Integer> damaged = new ArrayList<>();
            boolean quoteDamaged = false;
            for (int key = 0; key < 20; key++) {
                String line =
                        csv ? csv("$" + key + (key % 3 == 0 ? ",\"M\u00FCller, \"\"K\"\"\"" : ",x")) : json("$" + key);
                line += name.endsWith(".json") && key < 19 ? "," : "";
                // No two in a row: the line behind the damage must be whole to count.
                if (key % 2 == 1 && random.nextInt(3) == 0) {
                    String mutated = mutate(line, random);
                    boolean loneQuote = csv && mutated.indexOf('"') >= 0;
                    // Two lone quotes may make a text over several lines, and an object behind a colon is its value:
                    // such files are whole, though they are not what somebody meant.
                    if (!(loneQuote && quoteDamaged) && (csv || !mutated.endsWith(":"))) {
                        quoteDamaged |= loneQuote;
                        line = mutated;
                        damaged.add(key);
                    }
                }
                lines.add(line);
            }
            String file = String.join("\n", lines);
            file = csv ? "customerId,contactId,name\n" + file : name.endsWith(".json") ? "[" + file + "]" : file;

            List<String> expected = IntStream.range(0, 20)
                    .filter(key -> !damaged.contains(key))
                    .mapToObj(String::valueOf)
                    .toList();
            List<String> found = read(name, bytes(file)).stream()
                    .filter(entry -> entry.matches("\\d+=\\d+"))
                    .map(entry -> entry.substring(entry.indexOf('=') + 1))
                    // A damaged line may still be read as its own key.
                    .filter(key -> !damaged.contains(Integer.valueOf(key)))
                    .toList();
            assertThat(found).as("file %d:%n%s", i, file).isEqualTo(expected);
        }
    }

    private static String mutate(String line, Random random) {
        StringBuilder mutated = new StringBuilder(line);
        for (int count = random.nextInt(2); count >= 0 && mutated.length() > 0; count--) {
            int at = random.nextInt(mutated.length());
            char any = (char) random.nextInt(256);
            char other = random.nextBoolean() ? ALPHABET.charAt(any % ALPHABET.length()) : any;
            switch (random.nextInt(4)) {
                case 0 -> mutated.deleteCharAt(at);
                case 1 -> mutated.insert(at, other);
                case 2 -> mutated.setLength(at);
                default -> mutated.setCharAt(at, other);
            }
        }
        return mutated.toString();
    }
}
