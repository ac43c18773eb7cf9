package de.contactsync.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** What is said to do about a database that cannot be used. */
class DialectTest {

    /** Of a read-only file system, it was to be checked whether the folder had room. */
    @ParameterizedTest
    @CsvSource({
        "SQLITE_READONLY, file system is read-only",
        "SQLITE_READONLY_DIRECTORY, file system is read-only",
        "SQLITE_CANTOPEN, file system is read-only",
        "SQLITE_FULL, make room there",
        "SQLITE_IOERR_WRITE, has room and can be written to"
    })
    void what_keeps_sqlite_from_writing_is_named_as_what_it_is(SQLiteErrorCode code, String remedy) {
        assertThat(Dialect.SQLITE.remedy(new SQLiteException("refused", code))).contains(remedy);
    }
}
