package de.contactsync.persistence;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import de.contactsync.model.ProcessingHaltedException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.flywaydb.core.api.FlywayException;

/** What a database has to be and to permit, tried without leaving a trace. */
public final class DatabaseCheck {

    private static final int MOST_NAMED = 5;

    /** Bytes of a file that is read whole in some seconds. */
    private static final long READ_WHOLE = 1L << 30;

    private static final String TRIAL = "jtl_contact_sync_check";
    private static final String CREATED = "a table was created in it and rolled back";

    private DatabaseCheck() {}

    /**
     * Tries what opening the database and writing to it would do; does not wait.
     *
     * @return what was tried and what was not, for people
     * @throws ProcessingHaltedException when the database cannot be used
     */
    public static String run(DatabaseSettings settings) {
        try {
            return Dialect.of(settings.url()) == Dialect.SQLITE ? sqlite(settings) : postgresql(settings);
        } catch (SQLException | IOException | PoolInitializationException | FlywayException e) {
            throw settings.unusable(e);
        }
    }

    private static String sqlite(DatabaseSettings settings) throws SQLException, IOException {
        settings.requireUsableName();
        SqliteLibrary.require();
        Path file = settings.sqliteFile();
        if (!Files.exists(file)) {
            Path folder = file.getParent();
            while (!Files.exists(folder)) {
                folder = folder.getParent();
            }
            tryFolder(folder);
            return "will be made when it is first needed; a file was made in " + folder + " and deleted";
        }
        boolean own;
        String read;
        try (Connection connection = ConnectionPools.connectToSqlite(settings)) {
            requireOwnSchema(connection, settings);
            read = readWhole(connection, settings, Files.size(file));
            own = isOwn(connection, settings);
            tryToCreate(connection, settings, "main");
        }
        if (!own) {
            return "is there and empty; " + CREATED;
        }
        try (HikariDataSource pool = ConnectionPools.openToRead(settings)) {
            return "is there with this program's tables; " + read + "; " + CREATED + migrations(settings, pool);
        }
    }

    /** What no statement of the check comes across: a damaged page of any table. */
    private static String readWhole(Connection connection, DatabaseSettings settings, long size) throws SQLException {
        if (size > READ_WHOLE) {
            return "not tried: reading it whole, because it has " + (size >> 30) + " GiB (PRAGMA quick_check does)";
        }
        String found = text(connection, "PRAGMA quick_check(1)");
        if (!"ok".equals(found)) {
            throw new ProcessingHaltedException(
                    "the database " + settings.shownUrl() + " is damaged (" + found + "): " + SqliteErrors.OF_DAMAGED);
        }
        return "it was read whole and is not damaged";
    }

    private static String postgresql(DatabaseSettings settings) throws SQLException, IOException {
        try (HikariDataSource pool = ConnectionPools.open(settings)) {
            try (Connection connection = pool.getConnection()) {
                String schema = requireOwnSchema(connection, settings);
                if (!isOwn(connection, settings)) {
                    tryToCreate(connection, settings, schema);
                    return "is there; " + CREATED.replace("in it", "in its schema " + schema);
                }
                requireWritable(connection, settings, schema);
            }
            return "is there with this program's tables, in which the user may read, write and delete"
                    + migrations(settings, pool);
        }
    }

    private static String migrations(DatabaseSettings settings, HikariDataSource pool)
            throws SQLException, IOException {
        int pending = new Migrations(settings, pool).pending();
        if (pending == 0) {
            requireComplete(settings, pool);
        }
        return pending == 0
                ? "; all its tables, columns and indexes are there"
                : "; not tried: bringing its tables to this version (" + pending
                        + (pending == 1 ? " change" : " changes") + ", which the next command that writes makes)";
    }

    /** @throws ProcessingHaltedException when something was dropped or renamed since the migrations made it */
    private static void requireComplete(DatabaseSettings settings, HikariDataSource pool)
            throws SQLException, IOException {
        Map<String, Optional<String>> missing;
        try (Connection connection = pool.getConnection()) {
            missing = SchemaObjects.missing(connection, Dialect.of(settings.url()));
        }
        if (missing.isEmpty()) {
            return;
        }
        String names = missing.keySet().stream()
                        .limit(MOST_NAMED)
                        .map(name -> "the " + name.replaceFirst("^index .*\\.", "index "))
                        .collect(Collectors.joining(", "))
                + (missing.size() > MOST_NAMED ? " and " + (missing.size() - MOST_NAMED) + " more" : "");
        boolean one = missing.size() == 1;
        String statements = missing.values().stream()
                .flatMap(Optional::stream)
                .map(sql -> sql + ";")
                .collect(Collectors.joining(" "));
        throw new ProcessingHaltedException("of the database " + settings.shownUrl() + " " + names
                + (one ? " is missing" : " are missing") + ", which somebody dropped or renamed: "
                + (missing.values().stream().allMatch(Optional::isPresent)
                        ? "without " + (one ? "it" : "them") + " work becomes slow or double; create "
                                + (one ? "it" : "them") + " in the database by: "
                                + statements
                        : "undo that, or restore a backup"));
    }

    private static void tryFolder(Path folder) throws IOException {
        try {
            Files.delete(Files.createTempFile(folder, ".check", null));
        } catch (IOException e) {
            throw new IOException(folder + " cannot be written to ("
                    + (e instanceof AccessDeniedException ? "this program's user has no permission" : e.getMessage())
                    + ")");
        }
    }

    /** Whether the tables have been made. */
    private static boolean isOwn(Connection connection, DatabaseSettings settings) throws SQLException {
        return has(connection, settings, "import_run");
    }

    /** Whether tables of this program were made here, by whatever version and however far. */
    static boolean hasHistory(Connection connection, DatabaseSettings settings) throws SQLException {
        return has(connection, settings, "flyway_schema_history");
    }

    private static boolean has(Connection connection, DatabaseSettings settings, String table) throws SQLException {
        String found = text(
                connection,
                (Dialect.of(settings.url()) == Dialect.SQLITE
                                ? "SELECT name FROM sqlite_master WHERE name = '"
                                : "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename = '")
                        + table
                        + "'");
        return found != null;
    }

    /**
     * @return the schema that the tables are in, or would be
     * @throws ProcessingHaltedException when there is none, or it belongs to another program
     */
    static String requireOwnSchema(Connection connection, DatabaseSettings settings) throws SQLException {
        boolean sqlite = Dialect.of(settings.url()) == Dialect.SQLITE;
        String schema = sqlite ? "main" : text(connection, "SELECT current_schema()");
        if (!sqlite) {
            SearchPath.requireUsable(connection, settings, schema);
        }
        String others = text(
                connection,
                sqlite
                        ? "SELECT min(name) FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' AND NOT EXISTS"
                                + " (SELECT 1 FROM sqlite_master WHERE name = 'flyway_schema_history')"
                        : "SELECT min(c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                                + " LEFT JOIN pg_depend d ON d.objid = c.oid AND d.deptype = 'e'"
                                + " WHERE n.nspname = current_schema() AND d.objid IS NULL AND c.relkind"
                                + " IN ('r', 'p', 'v', 'm', 'S')"
                                + " AND to_regclass(quote_ident(current_schema()) || '.flyway_schema_history') IS"
                                + " NULL");
        if (others != null) {
            throw new ProcessingHaltedException(
                    sqlite
                            ? "the database " + settings.shownUrl() + " belongs to another program (it holds " + others
                                    + "): name another file in contacts.database.url"
                            : "the schema " + schema + " of " + settings.shownUrl()
                                    + " belongs to another program (it holds "
                                    + others
                                    + "): " + SearchPath.another(settings));
        }
        return schema;
    }

    /**
     * Creates a table in a transaction that is rolled back.
     *
     * @throws ProcessingHaltedException when that is not permitted
     */
    private static void tryToCreate(Connection connection, DatabaseSettings settings, String schema)
            throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE " + TRIAL + " (id INTEGER)");
        } catch (SQLException e) {
            if (!"42501".equals(e.getSQLState())) {
                throw e;
            }
            String user = connection.getMetaData().getUserName();
            throw new ProcessingHaltedException(
                    "the user " + user + " may not create tables in the schema " + schema + " of " + settings.shownUrl()
                            + ": GRANT CREATE ON SCHEMA " + schema + " TO " + user,
                    e);
        } finally {
            connection.rollback();
        }
    }

    /** @throws ProcessingHaltedException when a table that is there may not be written to */
    private static void requireWritable(Connection connection, DatabaseSettings settings, String schema)
            throws SQLException, IOException {
        String locked = text(
                connection,
                "SELECT min(tablename) FROM pg_tables WHERE schemaname = current_schema()"
                        + " AND tablename IN ('" + String.join("', '", SchemaObjects.tables(Dialect.POSTGRESQL)) + "')"
                        + " AND EXISTS (SELECT 1 FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE'])"
                        + " privilege WHERE NOT"
                        + " has_table_privilege(quote_ident(schemaname) || '.' || quote_ident(tablename), privilege))");
        if (locked != null) {
            String user = connection.getMetaData().getUserName();
            throw new ProcessingHaltedException(
                    "the user " + user + " may not read, write and delete in the table " + schema + "."
                            + locked + " of " + settings.shownUrl() + ": GRANT ALL ON ALL TABLES IN SCHEMA " + schema
                            + " TO " + user);
        }
    }

    private static String text(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            return row.next() ? row.getString(1) : null;
        }
    }
}
