package de.contactsync.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.resilience.TestBreakers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;

/** What {@code check} says of a database, each of which it once called ok although an import then failed. */
class DatabaseCheckTest {

    @TempDir
    Path folder;

    private static void execute(DatabaseSettings settings, String... statements) throws Exception {
        try (Connection connection = connect(settings);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private static Connection connect(DatabaseSettings settings) throws SQLException {
        return DriverManager.getConnection(settings.url(), settings.username(), settings.password());
    }

    private static String look(DatabaseSettings settings) {
        return DatabaseCheck.run(settings);
    }

    private static void assertUnusable(DatabaseSettings settings, String... words) {
        assertThatThrownBy(() -> look(settings))
                .isInstanceOf(ProcessingHaltedException.class)
                .hasMessageContainingAll(words);
        assertThatThrownBy(() -> Database.open(settings, TestBreakers.create(), Duration.ZERO)
                        .close())
                .isInstanceOf(ProcessingHaltedException.class);
    }

    @Test
    @Tag("slow")
    void a_fresh_database_is_tried_and_keeps_no_trace() throws Exception {
        try (TestDatabase database = TestDatabase.empty(TestDatabase.Kind.POSTGRESQL)) {
            String tried = "is there; a table was created in its schema public and rolled back";
            assertThat(look(database.settings())).isEqualTo(tried);
            assertThat(look(database.settings())).isEqualTo(tried);

            Database.open(database.settings(), TestBreakers.create(), Duration.ZERO)
                    .close();
            String used = "is there with this program's tables, in which the user may read, write and delete";
            String complete = "; all its tables, columns and indexes are there";
            assertThat(look(database.settings())).isEqualTo(used + complete);
            execute(
                    database.settings(),
                    "DELETE FROM flyway_schema_history WHERE installed_rank ="
                            + " (SELECT max(installed_rank) FROM flyway_schema_history)");
            assertThat(look(database.settings()))
                    .startsWith(used + "; not tried: bringing its tables to this version (1 change,");
            execute(database.settings(), "UPDATE flyway_schema_history SET version = '999' WHERE version = '17'");
            assertUnusable(database.settings(), "made by a newer version");
        }
    }

    @Test
    void a_file_is_written_to_and_keeps_no_trace() throws Exception {
        DatabaseSettings settings = new DatabaseSettings("jdbc:sqlite:" + folder.resolve("a/b.db"), null, null);
        assertThat(look(settings))
                .isEqualTo("will be made when it is first needed; a file was made in " + folder + " and deleted");
        assertThat(folder).isEmptyDirectory();

        Database.open(settings, TestBreakers.create(), Duration.ZERO).close();
        byte[] before = Files.readAllBytes(folder.resolve("a/b.db"));
        assertThat(look(settings))
                .isEqualTo("is there with this program's tables; it was read whole and is not damaged; a table was"
                        + " created in it and rolled back; all its tables, columns and indexes are there");
        assertThat(folder.resolve("a/b.db")).hasBinaryContent(before);

        // A first preview once needed SQLite's library to find out that there is nothing.
        DatabaseSettings none = new DatabaseSettings("jdbc:sqlite:" + folder.resolve("none.db"), null, null);
        assertThatThrownBy(() -> Database.openToRead(none, TestBreakers.create()))
                .isInstanceOf(ProcessingHaltedException.class)
                .hasMessageContaining("is not there yet: nothing was imported into it");

        Files.write(folder.resolve("empty.db"), new byte[0]);
        DatabaseSettings empty = new DatabaseSettings("jdbc:sqlite:" + folder.resolve("empty.db"), null, null);
        assertThat(look(empty)).isEqualTo("is there and empty; a table was created in it and rolled back");
        assertThat(folder.resolve("empty.db")).isEmptyFile();

        Files.writeString(folder.resolve("text.db"), "no database ".repeat(1000));
        DatabaseSettings text = new DatabaseSettings("jdbc:sqlite:" + folder.resolve("text.db"), null, null);
        assertUnusable(text, "contacts.database.url");
    }

    @Test
    void a_schema_that_is_not_there_is_named_as_that() throws Exception {
        try (TestDatabase database = TestDatabase.empty(TestDatabase.Kind.POSTGRESQL)) {
            DatabaseSettings settings = new DatabaseSettings(
                    database.settings().url() + "?currentSchema=nowhere",
                    database.settings().username(),
                    database.settings().password());
            assertUnusable(settings, "no schema", "CREATE SCHEMA", "currentSchema");
        }
    }

    @Test
    void a_schema_of_another_program_is_refused_before_its_tables_are_touched() throws Exception {
        try (TestDatabase database = TestDatabase.empty(TestDatabase.Kind.POSTGRESQL)) {
            execute(database.settings(), "CREATE TABLE orders (id int)");
            assertUnusable(database.settings(), "belongs to another program", "orders", "CREATE SCHEMA contacts");
            assertThatThrownBy(() -> Database.open(database.settings(), TestBreakers.create(), Duration.ZERO)
                            .close())
                    .hasMessageContaining("belongs to another program");
        }
        DatabaseSettings file = new DatabaseSettings("jdbc:sqlite:" + folder.resolve("other.db"), null, null);
        execute(file, "CREATE TABLE orders (id int)");
        byte[] theirs = Files.readAllBytes(folder.resolve("other.db"));
        assertUnusable(file, "belongs to another program", "orders", "contacts.database.url");
        // It was once switched to another journal before it was refused.
        assertThat(folder.resolve("other.db")).hasBinaryContent(theirs);
    }

    @Test
    @Tag("slow")
    void missing_rights_on_tables_are_reported_with_what_to_grant() throws Exception {
        try (TestDatabase database = TestDatabase.empty(TestDatabase.Kind.POSTGRESQL)) {
            DatabaseSettings admin = database.settings();
            execute(
                    admin,
                    "DROP ROLE IF EXISTS weak",
                    "CREATE ROLE weak LOGIN PASSWORD 'weak'",
                    "REVOKE CREATE ON SCHEMA public FROM PUBLIC");
            DatabaseSettings weak = new DatabaseSettings(admin.url(), "weak", "weak");
            assertUnusable(weak, "the user weak", "may not create tables", "GRANT CREATE ON SCHEMA public");

            Database.open(admin, TestBreakers.create(), Duration.ZERO).close();
            assertThatThrownBy(() -> look(weak))
                    .hasMessageContainingAll(
                            "the user weak",
                            "may not read, write and delete",
                            "GRANT ALL ON ALL TABLES IN SCHEMA public TO weak");
            execute(admin, "GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO weak");
            assertThatThrownBy(() -> look(weak))
                    .hasMessageContaining("may not read, write and delete in the table public.");
            execute(admin, "GRANT DELETE ON ALL TABLES IN SCHEMA public TO weak");
            assertThat(look(weak)).contains("may read, write and delete");
            execute(admin, "ALTER ROLE weak SET default_transaction_read_only = on");
            assertThatThrownBy(() -> look(weak))
                    .isInstanceOf(ProcessingHaltedException.class)
                    .hasMessageContaining("default_transaction_read_only");
            execute(admin, "DROP OWNED BY weak", "DROP ROLE weak");
        }
    }

    private static void assertCheckRefuses(DatabaseSettings settings, String... words) {
        assertThatThrownBy(() -> look(settings))
                .isInstanceOf(ProcessingHaltedException.class)
                .hasMessageContainingAll(words);
    }

    /** All of these were once called ok. */
    @ParameterizedTest
    @Tag("slow")
    @EachDatabase
    void tables_changed_by_hand_are_reported_with_what_is_missing(TestDatabase.Kind kind) throws Exception {
        try (TestDatabase database = TestDatabase.empty(kind)) {
            database.open();
            database.execute("DROP TABLE delivery_target");
            assertCheckRefuses(database.settings(), "the table delivery_target is missing", "restore");
            database.execute("ALTER TABLE contact RENAME COLUMN last_name TO surname");
            assertCheckRefuses(
                    database.settings(), "the table delivery_target", "the column contact.last_name", "restore");
        }
        try (TestDatabase database = TestDatabase.empty(kind)) {
            database.open();
            String whole = look(database.settings());
            database.execute("DROP INDEX delivery_pending");
            assertCheckRefuses(database.settings(), "the index delivery_pending is missing", "without it");
            database.execute("DROP INDEX dead_letter_by_place");
            database.execute("DROP INDEX dead_letter_of_message");
            if (kind == TestDatabase.Kind.POSTGRESQL) {
                database.execute("ALTER TABLE delivery DROP CONSTRAINT delivery_pkey");
            }
            // It once sent people to a new database, to look there how an index is created.
            String statements = catchThrowable(() -> look(database.settings()))
                    .getMessage()
                    .replaceFirst("(?s)^.* without them .* by: ", "");
            for (String statement : statements.split("; ?")) {
                database.execute(statement);
            }
            assertThat(look(database.settings())).isEqualTo(whole);
        }
        try (TestDatabase database = TestDatabase.empty(kind)) {
            database.open();
            database.execute("UPDATE flyway_schema_history SET success = "
                    + (kind == TestDatabase.Kind.SQLITE ? "0" : "false") + " WHERE version = '12'");
            assertUnusable(database.settings(), "version 12", "did not succeed", "flyway_schema_history", "restore");
            database.execute("UPDATE flyway_schema_history SET success = "
                    + (kind == TestDatabase.Kind.SQLITE ? "1" : "true") + ", checksum = 1 WHERE version = '12'");
            assertUnusable(database.settings(), "version 12", "another build", "restore");
        }
    }

    /** It was once told to look for room in the folder. */
    @Test
    void a_damaged_file_is_named_as_that() throws Exception {
        try (TestDatabase database = TestDatabase.empty(TestDatabase.Kind.SQLITE)) {
            database.open().close();
            Path file = DatabaseSettings.sqliteFile(database.settings().url());
            byte[] bytes = Files.readAllBytes(file);
            Arrays.fill(bytes, 3 * 4096, 40 * 4096, (byte) 0x5A);
            Files.write(file, bytes);
            assertCheckRefuses(database.settings(), "is damaged", "restore", ".recover");
        }
        Files.writeString(folder.resolve("text.db"), "no database ".repeat(1000));
        assertCheckRefuses(
                new DatabaseSettings("jdbc:sqlite:" + folder.resolve("text.db"), null, null),
                "is not an SQLite database",
                "contacts.database.url");
    }

    /** All of these were put down to permissions, or passed. */
    @Test
    void a_name_that_no_file_can_have_is_reported_with_the_reason() throws Exception {
        Files.createDirectory(folder.resolve("dir"));
        Files.writeString(folder.resolve("plain"), "x");
        Files.createSymbolicLink(folder.resolve("link.db"), folder.resolve("nowhere/x.db"));
        for (String[] wrong : List.of(
                new String[] {"dir", "dir is a folder", "such as"},
                new String[] {"file:" + folder.resolve("dir") + "?cache=shared", "dir is a folder", "such as"},
                new String[] {"plain/a/b.db", "plain is not a folder", "elsewhere"},
                new String[] {"link.db", "link.db is a symbolic link that leads nowhere", "create its target"},
                new String[] {"/dev/null", "/dev/null is not a file", "such as"})) {
            String name = wrong[0].startsWith("file:")
                    ? wrong[0]
                    : folder.resolve(wrong[0]).toString();
            DatabaseSettings settings = new DatabaseSettings("jdbc:sqlite:" + name, null, null);
            assertUnusable(settings, wrong[1], wrong[2], "contacts.database.url");
            assertThatThrownBy(() -> Database.openToRead(settings, TestBreakers.create()))
                    .isInstanceOf(ProcessingHaltedException.class)
                    .hasMessageContaining(wrong[1]);
        }
        assertThat(folder.resolve("nowhere")).doesNotExist();
    }

    @Test
    @Tag("slow")
    void an_unknown_host_is_reported_as_such() {
        assertUnusable(
                new DatabaseSettings("jdbc:postgresql://nowhere.invalid/contacts", "me", "secret"),
                "the host name nowhere.invalid is not known",
                "contacts.database.url");
    }

    @Test
    void a_schema_without_usage_is_reported_with_what_to_grant() throws Exception {
        try (TestDatabase database = TestDatabase.empty(TestDatabase.Kind.POSTGRESQL)) {
            DatabaseSettings admin = database.settings();
            execute(
                    admin,
                    "DROP ROLE IF EXISTS barred",
                    "CREATE ROLE barred LOGIN PASSWORD 'barred'",
                    "CREATE SCHEMA theirs",
                    "CREATE TABLE theirs.orders (id int)",
                    "REVOKE ALL ON SCHEMA public FROM PUBLIC");
            assertUnusable(
                    new DatabaseSettings(admin.url(), "barred", "barred"),
                    "the user barred may not use the schema public",
                    "GRANT USAGE, CREATE ON SCHEMA public TO barred");
            assertUnusable(
                    new DatabaseSettings(admin.url() + "?currentSchema=theirs", "barred", "barred"),
                    "the user barred may not use the schema theirs",
                    "another schema into currentSchema");
            assertUnusable(
                    new DatabaseSettings(admin.url() + "?currentSchema=theirs", admin.username(), admin.password()),
                    "belongs to another program",
                    "another schema into currentSchema");
            assertUnusable(
                    new DatabaseSettings(
                            admin.url() + "?currentSchema=nowhere,public", admin.username(), admin.password()),
                    "no schema nowhere",
                    "CREATE SCHEMA nowhere");
            execute(admin, "DROP OWNED BY barred", "DROP ROLE barred");
        }
    }

    /** What the check compares with; -Ddocs.write=true writes it anew. */
    @ParameterizedTest
    @EachDatabase
    void the_written_down_tables_are_those_that_the_migrations_make(TestDatabase.Kind kind) throws Exception {
        try (TestDatabase database = TestDatabase.empty(kind)) {
            database.open();
            Dialect dialect = Dialect.of(database.settings().url());
            Path written = Path.of("src/main/resources", SchemaObjects.file(dialect));
            try (Connection connection = database.connect()) {
                List<String> made = List.copyOf(SchemaObjects.present(connection, dialect));
                if (Boolean.getBoolean("docs.write")) {
                    Files.write(written, made);
                }
                assertThat(Files.readAllLines(written))
                        .as("after a new migration run this test with -Ddocs.write=true")
                        .isEqualTo(made);
            }
        }
    }

    @Test
    void a_folder_that_libraries_cannot_be_loaded_from_is_reported_with_the_reason() {
        assertThat(SqliteLibrary.trouble(folder.resolve("nowhere"))).isEqualTo("there is no such folder");
        assertThat(SqliteLibrary.trouble(folder)).isEqualTo("the library does not fit this system");
        assertThat(folder).isEmptyDirectory();
    }
}
