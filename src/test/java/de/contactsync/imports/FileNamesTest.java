package de.contactsync.imports;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names of files as text, by processes of all locales. */
class FileNamesTest {

    @TempDir
    Path folder;

    @Test
    void a_name_is_made_again_of_its_text() {
        for (String name : new String[] {"keys.csv", "Kündigungen 100%.csv", "客户?#.csv", "a%20b+ö.csv"}) {
            Path file = FileNames.in(folder, name);
            assertThat(file).isEqualTo(folder.resolve(name));
            assertThat(FileNames.text(file)).isEqualTo(name);
        }
    }

    /** Two processes of different locales took one file for two. */
    @Tag("slow")
    @Test
    void the_locale_of_a_process_does_not_change_the_text_of_a_name() throws Exception {
        Files.createFile(folder.resolve("Kündigungen.csv"));
        for (String locale : new String[] {"C", "C.UTF-8"}) {
            ProcessBuilder child = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Shown.class.getName(),
                            folder.toString())
                    .redirectErrorStream(true);
            child.environment().put("LC_ALL", locale);
            Process shown = child.start();
            assertThat(new String(shown.getInputStream().readAllBytes()).strip())
                    .as(locale)
                    .isEqualTo("K\\u00fcndigungen.csv true");
            assertThat(shown.waitFor(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** Prints the text of the only file's name, and whether the file is found by it. */
    static final class Shown {

        private Shown() {}

        public static void main(String[] folder) throws Exception {
            try (var files = Files.newDirectoryStream(Path.of(folder[0]))) {
                Path file = files.iterator().next();
                String text = FileNames.text(file);
                boolean found = Files.exists(FileNames.in(Path.of(folder[0]), text));
                System.out.println(text.replace("ü", "\\u00fc") + " " + found);
            }
        }
    }
}
