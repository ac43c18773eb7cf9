package de.contactsync.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import de.contactsync.FreePort;
import de.contactsync.model.ProcessingHaltedException;
import de.contactsync.persistence.TestDatabase.Kind;
import de.contactsync.resilience.BreakerRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

class DatabaseTest {

    private static final String CANARY = "canary-of-a-password";

    @TempDir
    Path folder;

    @ParameterizedTest
    @Tag("slow")
    @EnumSource
    void opening_again_leaves_the_tables_as_they_are(Kind kind) throws Exception {
        try (TestDatabase test = TestDatabase.empty(kind)) {
            RunStore runs = test.closing(new RunStore(test.open(), Clock.systemUTC()));
            runs.claim("file", "keys.csv", "hash", 1);
            List<String> before = test.everything();

            test.open();

            assertThat(test.everything()).isEqualTo(before);
            assertThat(test.rows("SELECT version FROM flyway_schema_history WHERE version IS NOT NULL"
                            + " ORDER BY installed_rank"))
                    .isNotEmpty()
                    .containsExactlyElementsOf(migrations(kind));
        }
    }

    /** The numbers of the files; two files of one number are two elements. */
    private static List<String> migrations(Kind kind) throws IOException {
        try (Stream<Path> files =
                Files.list(Path.of("src/main/resources/db", kind.name().toLowerCase(Locale.ROOT)))) {
            return files.map(file -> file.getFileName().toString().replaceFirst("^V(\\d+)__.*$", "$1"))
                    .sorted(Comparator.comparingInt(Integer::parseInt))
                    .toList();
        }
    }

    @ParameterizedTest
    @Tag("slow")
    @EnumSource
    void a_database_of_a_newer_program_is_left_alone(Kind kind) throws Exception {
        try (TestDatabase test = TestDatabase.empty(kind)) {
            test.open();
            test.execute("INSERT INTO flyway_schema_history (installed_rank, version, description, type, script,"
                    + " checksum, installed_by, execution_time, success)"
                    + " VALUES (90, '90', 'of tomorrow', 'SQL', 'V90__of_tomorrow.sql', 1, 'me', 1, true)");

            assertThatThrownBy(test::open)
                    .isInstanceOf(ProcessingHaltedException.class)
                    .hasMessageContaining("newer")
                    .hasMessageContaining("90")
                    .hasMessageContaining("contacts.database.url");
        }
    }

    @ParameterizedTest
    @Tag("slow")
    @EnumSource
    void several_that_open_an_empty_database_at_once_all_get_it(Kind kind) throws Exception {
        try (TestDatabase test = TestDatabase.empty(kind)) {
            CyclicBarrier start = new CyclicBarrier(3);
            ExecutorService threads = Executors.newFixedThreadPool(3);
            List<Future<Database>> opening = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                opening.add(threads.submit(() -> {
                    start.await(30, TimeUnit.SECONDS);
                    return TestDatabase.open(test.settings());
                }));
            }
            threads.shutdown();
            for (Future<Database> each : opening) {
                test.closing(each.get(60, TimeUnit.SECONDS));
            }
            assertThat(test.count("import_run")).isZero();
        }
    }

    /** The list of a long run held SQLite's one connection, and what waited for it was told the database is away. */
    @Test
    @Tag("slow")
    void work_that_waits_for_the_connection_of_other_work_is_not_an_outage() throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try (TestDatabase test = TestDatabase.empty(Kind.SQLITE)) {
            // The time that the pool waits is fixed when it is opened.
            HikariConfig impatient = ConnectionPools.sqlite(test.settings());
            impatient.setConnectionTimeout(250);
            Database database = test.closing(new Database(
                    test.settings(),
                    Dialect.SQLITE,
                    new HikariDataSource(impatient),
                    new BreakerRegistry(Clock.systemUTC(), System::nanoTime, Duration.ofHours(1))
                            .forAll("the database"),
                    Duration.ofMinutes(1)));
            Future<Boolean> holder = threads.submit(() -> database.inTransaction(connection -> {
                held.countDown();
                return awaits(release);
            }));
            assertThat(held.await(10, TimeUnit.SECONDS)).isTrue();

            Future<Boolean> waiting = threads.submit(() -> database.inTransaction(connection -> true));
            // Longer than all attempts of a database that fails.
            await().during(Duration.ofMillis(2_500))
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> !database.isAway() && !waiting.isDone());

            release.countDown();
            assertThat(holder.get(10, TimeUnit.SECONDS)).isTrue();
            assertThat(waiting.get(10, TimeUnit.SECONDS)).isTrue();
        } finally {
            release.countDown();
            threads.shutdownNow();
        }
    }

    private static boolean awaits(CountDownLatch latch) {
        try {
            return latch.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** SQLite answered "busy" at once, and the process ended, when two of them made the file. */
    @Test
    @Tag("slow")
    void a_new_sqlite_file_that_another_writes_to_is_waited_for() throws Exception {
        try (TestDatabase test = TestDatabase.empty(Kind.SQLITE);
                Connection other = DriverManager.getConnection(test.settings().url());
                Statement statement = other.createStatement()) {
            statement.execute("BEGIN IMMEDIATE");
            ExecutorService thread = Executors.newSingleThreadExecutor();
            Future<Database> opening = thread.submit(() -> TestDatabase.open(test.settings()));
            thread.shutdown();
            await().during(Duration.ofMillis(500))
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> !opening.isDone());
            statement.execute("COMMIT");
            test.closing(opening.get(30, TimeUnit.SECONDS));
        }
    }

    @Test
    void sqlite_works_as_durably_as_it_says() throws Exception {
        try (TestDatabase test = TestDatabase.empty(Kind.SQLITE)) {
            List<String> pragmas = test.open().inTransaction(connection -> {
                List<String> values = new ArrayList<>();
                for (String pragma : List.of(
                        "journal_mode",
                        "synchronous",
                        "foreign_keys",
                        "wal_autocheckpoint",
                        "busy_timeout",
                        "cache_size",
                        "journal_size_limit")) {
                    values.add(pragma + "=" + pragma(connection, pragma));
                }
                return values;
            });
            assertThat(pragmas)
                    .containsExactly(
                            "journal_mode=wal",
                            "synchronous=2",
                            "foreign_keys=1",
                            "wal_autocheckpoint=10000",
                            "busy_timeout=30000",
                            "cache_size=-32000",
                            "journal_size_limit=67108864");
        }
    }

    private static String pragma(Connection connection, String name) throws SQLException {
        try (ResultSet row = connection.createStatement().executeQuery("PRAGMA " + name)) {
            row.next();
            return row.getString(1);
        }
    }

    @Test
    void a_lock_that_another_process_holds_on_sqlite_is_waited_for() throws Exception {
        try (TestDatabase test = TestDatabase.empty(Kind.SQLITE);
                Connection other = test.connect()) {
            Database database = test.open();
            other.createStatement().execute("BEGIN IMMEDIATE");
            CountDownLatch locked = new CountDownLatch(1);
            ExecutorService thread = Executors.newSingleThreadExecutor();
            Future<Integer> update = thread.submit(() -> database.inTransaction(connection -> {
                locked.countDown();
                return connection.createStatement().executeUpdate("UPDATE import_run SET heartbeat = 0");
            }));
            thread.shutdown();

            assertThat(locked.await(300, TimeUnit.MILLISECONDS)).isFalse();
            other.createStatement().execute("ROLLBACK");

            assertThat(update.get(60, TimeUnit.SECONDS)).isZero();
        }
    }

    @Test
    void only_failures_that_may_pass_are_tried_again() {
        assertThat(List.of(
                        SQLiteErrorCode.SQLITE_BUSY,
                        SQLiteErrorCode.SQLITE_BUSY_SNAPSHOT,
                        SQLiteErrorCode.SQLITE_LOCKED,
                        SQLiteErrorCode.SQLITE_FULL,
                        SQLiteErrorCode.SQLITE_IOERR_WRITE))
                .allMatch(code ->
                        Dialect.SQLITE.errors().isTransient(new BatchUpdateException(new SQLiteException("", code))));
        assertThat(List.of(SQLiteErrorCode.SQLITE_CONSTRAINT_CHECK, SQLiteErrorCode.SQLITE_CORRUPT))
                .noneMatch(code -> Dialect.SQLITE.errors().isTransient(new SQLiteException("", code)));
        assertThat(List.of(
                        "08001", "08006", "57P01", "57014", "53300", "40001", "40P01", "25006", "25P03", "55P03",
                        "58030", "26000", "42P05"))
                .allMatch(state -> Dialect.POSTGRESQL.errors().isTransient(new SQLException("", state)));
        assertThat(List.of("42P01", "23505", "28P01", "22021"))
                .noneMatch(state -> Dialect.POSTGRESQL.errors().isTransient(new SQLException("", state)));
        assertThat(Dialect.POSTGRESQL.errors().isTransient(new SQLException("without a state")))
                .isFalse();
    }

    @Test
    @Tag("slow")
    void a_refused_password_is_reported_by_its_key_and_not_by_its_value() throws Exception {
        try (TestDatabase test = TestDatabase.empty(Kind.POSTGRESQL)) {
            String name = test.one("SELECT current_database()");
            test.execute("CREATE ROLE " + name + "_owner LOGIN PASSWORD 'right'");
            Path rules = Path.of(test.one("SHOW hba_file"));
            Files.writeString(
                    rules, "host " + name + " " + name + "_owner all scram-sha-256\n" + Files.readString(rules));
            test.one("SELECT pg_reload_conf()");
            DatabaseSettings wrong = new DatabaseSettings(test.settings().url(), name + "_owner", CANARY);

            assertThatThrownBy(() -> TestDatabase.open(wrong))
                    .isInstanceOf(ProcessingHaltedException.class)
                    .hasMessageContaining("password authentication failed")
                    .hasMessageContaining("contacts.database.username and .password")
                    .hasMessageNotContaining(CANARY);
            assertThat(wrong.toString()).doesNotContain(CANARY);
        }
    }

    @Test
    @Tag("slow")
    void an_unreachable_server_is_reported_by_its_url_without_a_password() {
        int port = FreePort.next();
        DatabaseSettings settings = new DatabaseSettings(
                "jdbc:postgresql://localhost:" + port + "/contacts?user=me&password=" + CANARY + "&ssl=false",
                null,
                null);

        assertThatThrownBy(() -> TestDatabase.open(settings))
                .isInstanceOf(ProcessingHaltedException.class)
                .hasMessageContaining("localhost:" + port + "/contacts")
                .hasMessageContaining("check contacts.database.url, and that the server runs")
                .hasMessageNotContaining(".username")
                .hasMessageNotContaining(CANARY);
        assertThat(settings.toString()).doesNotContain(CANARY);
    }

    @Test
    void a_folder_that_cannot_be_made_halts_with_the_key_to_look_at() throws IOException {
        Path file = Files.writeString(folder.resolve("data"), "a file where a folder should be");

        assertThatThrownBy(() ->
                        TestDatabase.open(new DatabaseSettings("jdbc:sqlite:" + file + "/contacts.db", null, null)))
                .isInstanceOf(ProcessingHaltedException.class)
                .hasMessageContaining("contacts.database.url");
    }

    @Test
    void a_file_that_is_no_database_halts_and_stays_as_it_is() throws IOException {
        Path file = Files.writeString(folder.resolve("contacts.db"), "this is a letter to my aunt, ".repeat(50));

        assertThatThrownBy(() -> TestDatabase.open(new DatabaseSettings("jdbc:sqlite:" + file, null, null)))
                .isInstanceOf(ProcessingHaltedException.class)
                .hasMessageContaining("contacts.database.url");
        assertThat(file).content().startsWith("this is a letter");
    }

    /** Each command once opened as many as the busiest needs. */
    @Test
    void no_more_sessions_of_a_server_are_opened_than_are_used() throws Exception {
        try (TestDatabase test = TestDatabase.create(Kind.POSTGRESQL)) {
            HikariDataSource pool = (HikariDataSource) test.open().pool();
            await().during(Duration.ofMillis(200))
                    .until(() -> pool.getHikariPoolMXBean().getTotalConnections() == 1);
            try (Connection first = pool.getConnection();
                    Connection second = pool.getConnection()) {
                assertThat(first.isValid(5) && second.isValid(5)).isTrue();
            }
        }
    }

    /** After a failover the pool kept its sessions with what takes no writes any more, forever. */
    @Test
    @Tag("slow")
    void sessions_that_take_no_writes_any_more_are_replaced() throws Exception {
        try (TestDatabase test = TestDatabase.empty(Kind.POSTGRESQL)) {
            Database database = test.open();
            HikariDataSource pool = (HikariDataSource) database.pool();
            List<Connection> all = new ArrayList<>();
            for (int i = 0; i < pool.getMaximumPoolSize(); i++) {
                all.add(pool.getConnection());
            }
            for (Connection session : all) {
                session.createStatement().execute("SET default_transaction_read_only = on");
                session.close();
            }

            int updated = database.inTransaction(
                    connection -> connection.createStatement().executeUpdate("UPDATE import_run SET heartbeat = 0"));

            assertThat(updated).isZero();
        }
    }

    @Test
    void a_lock_that_is_not_had_in_time_is_waited_for() throws Exception {
        try (TestDatabase test = TestDatabase.empty(Kind.POSTGRESQL);
                Connection other = test.connect()) {
            Database database = test.open();
            other.setAutoCommit(false);
            other.createStatement().execute("LOCK TABLE import_run");
            ExecutorService thread = Executors.newSingleThreadExecutor();
            CountDownLatch tried = new CountDownLatch(2);
            Future<Integer> update = thread.submit(() -> database.inTransaction(connection -> {
                tried.countDown();
                connection.createStatement().execute("SET LOCAL lock_timeout = '50ms'");
                return connection.createStatement().executeUpdate("UPDATE import_run SET heartbeat = 0");
            }));
            thread.shutdown();
            assertThat(tried.await(60, TimeUnit.SECONDS)).isTrue();
            other.rollback();

            assertThat(update.get(60, TimeUnit.SECONDS)).isZero();
        }
    }

    /** Its dead letters hold characters that it lacks: one of them stopped a file for good. */
    @Test
    void a_database_of_another_encoding_is_refused_with_the_statement_that_makes_one() throws Exception {
        try (TestDatabase test = TestDatabase.empty(Kind.POSTGRESQL)) {
            String name = test.one("SELECT current_database()") + "_latin";
            test.execute(
                    "CREATE DATABASE " + name + " ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
            DatabaseSettings latin =
                    new DatabaseSettings(test.settings().url().replaceFirst("[^/]+$", name), "postgres", "postgres");

            assertThatThrownBy(() -> TestDatabase.open(latin))
                    .isInstanceOf(ProcessingHaltedException.class)
                    .hasMessageContaining("LATIN1")
                    .hasMessageContaining("ENCODING 'UTF8'");
            test.execute("DROP DATABASE " + name + " WITH (FORCE)");
        }
    }
}
