package de.contactsync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NativeNamesTest {

    /** "K??ndigungen.csv does not exist" was all that was said under LC_ALL=C. */
    @Test
    void a_name_beyond_the_locale_is_explained_with_the_remedy() {
        // So the JVM hears the two bytes of ü under LC_ALL=C.
        assertThat(NativeNames.trouble("ANSI_X3.4-1968", "K\uFFFD\uFFFDndigungen.csv"))
                .contains("ANSI_X3.4-1968 only", "LC_ALL=C.UTF-8");
        assertThat(NativeNames.trouble("US-ASCII", "/home/Bücher")).contains("LC_ALL=C.UTF-8");
    }

    @Test
    void a_name_of_bytes_that_are_no_characters_is_explained_with_another_remedy() {
        assertThat(NativeNames.trouble("UTF-8", "K\uFFFDndigungen.csv"))
                .contains("invalid in UTF-8", "rename it")
                .doesNotContain("LC_ALL");
    }

    @Test
    void any_other_name_is_no_reason() {
        assertThat(NativeNames.trouble("UTF-8", "Kündigungen.csv")).isNull();
        assertThat(NativeNames.trouble("Cp1252", "Kündigungen.csv")).isNull();
        assertThat(NativeNames.trouble("US-ASCII", "keys.csv")).isNull();
        assertThat(NativeNames.trouble(null, "keys.csv")).isNull();
    }
}
