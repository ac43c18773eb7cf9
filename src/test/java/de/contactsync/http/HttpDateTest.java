package de.contactsync.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpDateTest {

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "'Sun, 06 Nov 1994 08:49:37 GMT', 1994-11-06T08:49:37Z",
        "'Sun, 6 Nov 1994 08:49:37 GMT', 1994-11-06T08:49:37Z",
        "'  Sun, 06 Nov 1994 08:49:37 GMT ', 1994-11-06T08:49:37Z",
        "'Sunday, 06-Nov-94 08:49:37 GMT', 1994-11-06T08:49:37Z",
        "'Sun Nov  6 08:49:37 1994', 1994-11-06T08:49:37Z",
        "'Wed Nov 16 08:49:37 1994', 1994-11-16T08:49:37Z",
    })
    void all_three_forms_are_read(String header, Instant date) {
        assertThat(HttpDate.parse(header, Instant.parse("2026-11-29T12:00:00Z")))
                .isEqualTo(date);
    }

    @ParameterizedTest(name = "{0} in {1}")
    @CsvSource({
        "'Sunday, 29-Nov-26 12:00:00 GMT', 2026-11-29T12:00:00Z, 2026-11-29T12:00:00Z",
        "'Friday, 01-Jan-27 00:00:30 GMT', 2026-12-31T23:59:50Z, 2027-01-01T00:00:30Z",
        "'Sunday, 29-Nov-76 12:00:00 GMT', 2026-11-29T12:00:00Z, 2076-11-29T12:00:00Z",
        "'Monday, 29-Nov-76 12:00:01 GMT', 2026-11-29T12:00:00Z, 1976-11-29T12:00:01Z",
        "'Tuesday, 29-Nov-77 12:00:00 GMT', 2026-11-29T12:00:00Z, 1977-11-29T12:00:00Z",
        "'Friday, 31-Dec-99 23:59:59 GMT', 2100-01-01T00:00:10Z, 2099-12-31T23:59:59Z",
        "'Friday, 01-Jan-00 00:00:30 GMT', 2099-12-31T23:59:50Z, 2100-01-01T00:00:30Z",
    })
    void a_year_of_two_digits_is_no_more_than_fifty_years_ahead(String header, Instant now, Instant date) {
        assertThat(HttpDate.parse(header, now)).isEqualTo(date);
    }

    @ParameterizedTest(name = "\"{0}\"")
    @CsvSource({
        ",",
        "''",
        "7",
        "-1",
        "noon",
        "2026-11-29T12:00:00Z",
        "'Sat, 32 Foo 2026 99:00:00 GMT'",
        "'Sat, 29 Feb 2025'",
        "'Sunday, 06-Nov-1994 08:49:37 GMT'"
    })
    void what_is_no_date_is_none(String header) {
        assertThat(HttpDate.parse(header, Instant.EPOCH)).isNull();
    }
}
