package de.contactsync.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** What is said to do about a database that cannot be used. */
class DatabaseErrorsTest {

    /** Of a read-only file system, it was to be checked whether the folder had room. */
    @ParameterizedTest
    @CsvSource({
        "SQLITE_READONLY, file system is read-only",
        "SQLITE_READONLY_DIRECTORY, file system is read-only",
        "SQLITE_CANTOPEN, file system is read-only",
        "SQLITE_FULL, free some space",
        "SQLITE_IOERR_WRITE, has room and can be written to"
    })
    void what_keeps_sqlite_from_writing_is_named_as_what_it_is(SQLiteErrorCode code, String remedy) {
        assertThat(Dialect.SQLITE.errors().remedy(new SQLiteException("refused", code)))
                .contains(remedy);
    }

    /** The driver said that the database might be missing, and of a file that is none said so three times. */
    @Test
    void messages_of_sqlite_are_shown_without_false_or_repeated_parts() {
        DatabaseSettings settings = new DatabaseSettings("jdbc:sqlite:/a.db", null, null);
        assertThat(settings.unusable(new SQLiteException(
                        "[SQLITE_ERROR] SQL error or missing database (table contact has no column named x)",
                        SQLiteErrorCode.SQLITE_ERROR)))
                .hasMessage("the database jdbc:sqlite:/a.db cannot be used: table contact has no column named x;"
                        + " the command check says whether its tables are as they should be");
        assertThat(settings.unusable(new SQLiteException(
                        "[SQLITE_NOTADB] File opened that is not a database file (file is not a database)",
                        SQLiteErrorCode.SQLITE_NOTADB)))
                .hasMessage("the database jdbc:sqlite:/a.db cannot be used: the file is not an SQLite database; name"
                        + " another in contacts.database.url");
    }

    /** Of a password that was forgotten, it was to be checked whether the server is a primary. */
    @ParameterizedTest
    @CsvSource({
        "08004, 'The server requested SCRAM-based authentication, but no password was provided.', set"
                + " contacts.database.password",
        "08001, Could not find a server with specified targetServerType: primary, name the primary",
        "08001, Connection to 127.0.0.1:1 refused, the server runs there",
    })
    void what_keeps_postgresql_from_a_connection_is_named_as_what_it_is(String state, String message, String remedy) {
        assertThat(Dialect.POSTGRESQL.errors().remedy(new SQLException(message, state)))
                .contains(remedy);
    }

    /** A clerk was shown the driver's "Could not find a server with specified targetServerType: primary". */
    @ParameterizedTest
    @CsvSource({
        "Could not find a server with specified targetServerType: primary, no server that it names takes writes; name",
        "'The server requested SCRAM-based authentication, but no password was provided.', the server asks for a"
                + " password; set",
        "Connection to 127.0.0.1:1 refused. Check that the hostname and port are correct., 127.0.0.1:1 refuses the"
                + " connection; check contacts.database.url",
    })
    void what_the_driver_of_postgresql_says_is_shown_without_its_own_options_and_advice(String said, String shown) {
        assertThat(new DatabaseSettings("jdbc:postgresql://h/d", null, null).unusable(new SQLException(said, "08001")))
                .hasMessageContaining("jdbc:postgresql://h/d cannot be used: " + shown);
    }
}
