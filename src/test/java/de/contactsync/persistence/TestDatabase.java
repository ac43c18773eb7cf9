package de.contactsync.persistence;

import de.contactsync.resilience.TestBreakers;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** A fresh database of either kind, and a view of it that does not go through the product. */
public final class TestDatabase implements AutoCloseable {

    public enum Kind {
        SQLITE,
        POSTGRESQL
    }

    /** One server for the whole JVM; it ends with it. */
    private static final class Server {
        static final EmbeddedPostgres POSTGRES = start();
        static final AtomicInteger DATABASES = new AtomicInteger();

        private static EmbeddedPostgres start() {
            try {
                return EmbeddedPostgres.builder()
                        .setServerConfig("fsync", "off")
                        .setServerConfig("full_page_writes", "off")
                        .setServerConfig("max_connections", "100")
                        .start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** The product's tables, made by its migrations once in a JVM: they take most of the time of a small test. */
    private static final class SqliteTemplate {
        static final byte[] FILE = make();

        private static byte[] make() {
            try (TestDatabase empty = empty(Kind.SQLITE)) {
                open(empty.settings).close();
                return Files.readAllBytes(empty.sqliteFile());
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }
    }

    private static final class PostgresTemplate {
        static final String NAME = make();

        private static String make() {
            TestDatabase template = empty(Kind.POSTGRESQL);
            open(template.settings).close();
            return template.name();
        }
    }

    private final Kind kind;
    private final Path folder;
    private final DatabaseSettings settings;
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    private TestDatabase(Kind kind, Path folder, DatabaseSettings settings) {
        this.kind = kind;
        this.folder = folder;
        this.settings = settings;
    }

    /** With the tables of this version, as another process has made them. */
    public static TestDatabase create(Kind kind) {
        if (kind == Kind.POSTGRESQL) {
            return postgresql(PostgresTemplate.NAME);
        }
        TestDatabase database = empty(kind);
        try {
            Files.write(database.sqliteFile(), SqliteTemplate.FILE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return database;
    }

    /** Without tables; {@link #open} makes them. */
    public static TestDatabase empty(Kind kind) {
        if (kind == Kind.POSTGRESQL) {
            return postgresql("template1");
        }
        Path folder = createFolder();
        return new TestDatabase(
                kind, folder, new DatabaseSettings("jdbc:sqlite:" + folder.resolve("contacts.db"), null, null));
    }

    private static TestDatabase postgresql(String template) {
        String name = "test" + Server.DATABASES.incrementAndGet();
        // Takes the server half the time that the log of its pages would take.
        onServer("CREATE DATABASE " + name + " TEMPLATE " + template + " STRATEGY file_copy");
        return new TestDatabase(
                Kind.POSTGRESQL, createFolder(), new DatabaseSettings(serverUrl() + name, "postgres", "postgres"));
    }

    private static Path createFolder() {
        try {
            return Files.createTempDirectory("ledger-test-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path sqliteFile() {
        return folder.resolve("contacts.db");
    }

    private String name() {
        return settings.url().substring(serverUrl().length());
    }

    private static String serverUrl() {
        return "jdbc:postgresql://localhost:" + Server.POSTGRES.getPort() + "/";
    }

    private static void onServer(String sql) {
        try (Connection connection = DriverManager.getConnection(serverUrl() + "postgres", "postgres", "postgres")) {
            connection.createStatement().execute(sql);
        } catch (SQLException e) {
            throw new AssertionError(sql, e);
        }
    }

    public Kind kind() {
        return kind;
    }

    public DatabaseSettings settings() {
        return settings;
    }

    /** The product's own view; each call is a pool of its own, as another process has it. */
    public Database open() {
        Database database = open(settings);
        opened.push(database);
        return database;
    }

    /** Waits ten seconds for a database that goes away. */
    static Database open(DatabaseSettings settings) {
        return Database.open(settings, TestBreakers.create(), Duration.ofSeconds(10));
    }

    /** Closes it together with this database, before the pools that were opened earlier. */
    public <T extends AutoCloseable> T closing(T resource) {
        opened.push(resource);
        return resource;
    }

    public Connection connect() throws SQLException {
        return settings.username() == null
                ? DriverManager.getConnection(settings.url())
                : DriverManager.getConnection(settings.url(), settings.username(), settings.password());
    }

    public void execute(String sql) {
        try (Connection connection = connect()) {
            connection.createStatement().execute(sql);
        } catch (SQLException e) {
            throw new AssertionError(sql, e);
        }
    }

    /** Each row as its columns with a bar between them; NULL is {@code ∅}. */
    public List<String> rows(String sql) {
        return rows(sql, null);
    }

    private List<String> rows(String sql, String hidden) {
        try (Connection connection = connect();
                PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet row = statement.executeQuery()) {
            List<String> rows = new ArrayList<>();
            while (row.next()) {
                List<String> columns = new ArrayList<>();
                for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                    if (!row.getMetaData().getColumnName(i).equals(hidden)) {
                        String text = row.getString(i);
                        columns.add(text == null ? "∅" : text);
                    }
                }
                rows.add(String.join("|", columns));
            }
            return rows;
        } catch (SQLException e) {
            throw new AssertionError(sql, e);
        }
    }

    public String one(String sql) {
        List<String> rows = rows(sql);
        if (rows.size() != 1) {
            throw new AssertionError(sql + " gave " + rows);
        }
        return rows.get(0);
    }

    public long count(String table) {
        return Long.parseLong(one("SELECT count(*) FROM " + table));
    }

    /** Everything that is in the tables but for the heartbeats, which move with the time while their process lives. */
    public List<String> everything() {
        List<String> all = new ArrayList<>();
        for (String table : List.of("contact", "dead_letter", "delivery", "import_run", "run_chunk")) {
            rows("SELECT * FROM " + table, "heartbeat").stream().sorted().forEach(row -> all.add(table + ": " + row));
        }
        return all;
    }

    @Override
    public void close() throws Exception {
        while (!opened.isEmpty()) {
            opened.pop().close();
        }
        if (kind == Kind.POSTGRESQL) {
            onServer("DROP DATABASE " + name() + " WITH (FORCE)");
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
