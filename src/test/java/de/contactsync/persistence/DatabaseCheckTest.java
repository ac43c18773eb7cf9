package de.contactsync.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.resilience.TestBreakers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
    void a_fresh_database_is_tried_and_keeps_no_trace() throws Exception {
        try (TestDatabase database = TestDatabase.create(TestDatabase.Kind.POSTGRESQL)) {
            String tried = "is there; a table was created in its schema public and rolled back";
            assertThat(look(database.settings())).isEqualTo(tried);
            assertThat(look(database.settings())).isEqualTo(tried);

            Database.open(database.settings(), TestBreakers.create(), Duration.ZERO)
                    .close();
            String used = "is there with this program's tables, in which the user may read, write and delete";
            assertThat(look(database.settings())).isEqualTo(used);
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
                .isEqualTo("is there with this program's tables; a table was created in it and rolled back");
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
    void every_table_is_looked_at() throws Exception {
        try (TestDatabase database = TestDatabase.create(TestDatabase.Kind.POSTGRESQL)) {
            Database.open(database.settings(), TestBreakers.create(), Duration.ZERO)
                    .close();
            assertThat(tables(database.settings())).containsExactlyElementsOf(DatabaseCheck.TABLES);
        }
    }

    private static List<String> tables(DatabaseSettings settings) throws Exception {
        List<String> names = new ArrayList<>();
        try (Connection connection = connect(settings);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1")) {
            while (rows.next()) {
                names.add(rows.getString(1));
            }
        }
        return names;
    }

    @Test
    void a_schema_that_is_not_there_is_named_as_that() throws Exception {
        try (TestDatabase database = TestDatabase.create(TestDatabase.Kind.POSTGRESQL)) {
            DatabaseSettings settings = new DatabaseSettings(
                    database.settings().url() + "?currentSchema=nowhere",
                    database.settings().username(),
                    database.settings().password());
            assertUnusable(settings, "no schema", "CREATE SCHEMA", "currentSchema");
        }
    }

    @Test
    void a_schema_of_another_program_is_refused_before_its_tables_are_touched() throws Exception {
        try (TestDatabase database = TestDatabase.create(TestDatabase.Kind.POSTGRESQL)) {
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
    void a_user_who_may_not_create_or_write_tables_is_told_with_what_to_grant() throws Exception {
        try (TestDatabase database = TestDatabase.create(TestDatabase.Kind.POSTGRESQL)) {
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
                    .hasMessageContaining("may not read, write and delete in the table public.call_clock");
            execute(admin, "GRANT DELETE ON ALL TABLES IN SCHEMA public TO weak");
            assertThat(look(weak)).contains("may read, write and delete");
            execute(admin, "ALTER ROLE weak SET default_transaction_read_only = on");
            assertThatThrownBy(() -> look(weak))
                    .isInstanceOf(ProcessingHaltedException.class)
                    .hasMessageContaining("default_transaction_read_only");
            execute(admin, "DROP OWNED BY weak", "DROP ROLE weak");
        }
    }

    @Test
    void a_folder_that_libraries_cannot_be_loaded_from_is_told_with_the_reason() {
        assertThat(SqliteLibrary.trouble(folder.resolve("nowhere"))).isEqualTo("there is no such folder");
        assertThat(SqliteLibrary.trouble(folder)).isEqualTo("the library does not fit this system");
        assertThat(folder).isEmptyDirectory();
    }
}
