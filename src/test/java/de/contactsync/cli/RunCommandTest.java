package de.contactsync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import de.contactsync.CapturedLog;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunCommandTest {

    /** As the JVM reports it of LC_ALL=C, of an unset locale, of C.UTF-8 and of German Windows. */
    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {"ANSI_X3.4-1968, 1", "US-ASCII, 1", "UTF-8, 0", "Cp1252, 0", "unheard-of, 0", "-, 0"})
    void a_locale_that_cannot_name_files_with_umlauts_is_warned_of_with_the_remedy(String charset, int warnings) {
        try (CapturedLog log = new CapturedLog(RunCommand.class.getName())) {
            RunCommand.warnOfCharacterSet(charset);

            assertThat(log.lines())
                    .hasSize(warnings)
                    .allMatch(line -> line.startsWith("WARN") && line.contains("LC_ALL=C.UTF-8"));
        }
    }
}
