package de.contactsync.persistence;

import de.contactsync.model.ContactKey;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** Where the two databases differ: how uuids and instants are written, and which migrations make the tables. */
public enum Dialect {
    SQLITE("db/sqlite") {
        @Override
        public void setUuid(PreparedStatement statement, int index, UUID value) throws SQLException {
            statement.setString(index, value == null ? null : value.toString());
        }

        @Override
        UUID uuid(ResultSet row, int column) throws SQLException {
            String text = row.getString(column);
            return text == null ? null : UUID.fromString(text);
        }

        @Override
        public Object instant(Instant value) {
            return MILLISECONDS.format(value.truncatedTo(ChronoUnit.MILLIS));
        }

        @Override
        public Instant instant(ResultSet row, int column) throws SQLException {
            String text = row.getString(column);
            return text == null ? null : Instant.parse(text);
        }

        @Override
        String greatest() {
            return "max";
        }

        @Override
        public String epochMicros() {
            return "CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)";
        }

        /**
         * Deleted rows stay in free pages, in gaps of pages that are used (with {@code secure_delete}, too, where rows
         * were moved before) and in the log. A new file has none of that.
         *
         * @see <a href="https://www.sqlite.org/lang_vacuum.html">VACUUM</a>
         */
        @Override
        void overwriteDeleted(Connection connection) throws SQLException {
            try (Statement statement = connection.createStatement()) {
                statement.execute("VACUUM");
                try (ResultSet row = statement.executeQuery("PRAGMA wal_checkpoint(TRUNCATE)")) {
                    if (row.next() && row.getInt(1) != 0) {
                        throw new SQLiteException(
                                "another process reads the file, so its log cannot be emptied",
                                SQLiteErrorCode.SQLITE_BUSY);
                    }
                }
            }
        }

        @Override
        String schemaObjects() {
            return "SELECT 'table ' || name, NULL FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
                    + " UNION SELECT 'column ' || t.name || '.' || c.name, NULL FROM sqlite_master t,"
                    + " pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'"
                    + " UNION SELECT 'index ' || tbl_name || '.' || name, sql FROM sqlite_master WHERE type = 'index'"
                    + " AND name NOT LIKE 'sqlite_%'";
        }

        @Override
        boolean isTransient(SQLException e) {
            // The one connection was busy: another thread waits for another process.
            return e instanceof SQLTransientConnectionException
                    || find(SQLiteException.class, e)
                            .map(Dialect::plainCode)
                            .filter(PASSING::contains)
                            .isPresent();
        }

        /** Of its general error the driver says that the database may be missing, which is never so. */
        @Override
        String message(String text) {
            return text.replaceFirst("(?s)^\\[SQLITE_ERROR\\] SQL error or missing database \\((.*)\\)$", "$1")
                    .replaceFirst("(?s)^\\[SQLITE_NOTADB\\] .*$", "the file is no SQLite database");
        }

        @Override
        String remedy(SQLException e) {
            int code = find(SQLiteException.class, e).map(Dialect::plainCode).orElse(0);
            if (code == SQLiteErrorCode.SQLITE_NOTADB.code) {
                return "name another in contacts.database.url";
            }
            if (code == SQLiteErrorCode.SQLITE_CORRUPT.code) {
                return "the file is damaged: " + OF_DAMAGED;
            }
            if (code == SQLiteErrorCode.SQLITE_ERROR.code) {
                return "the command check says whether its tables are as they should be";
            }
            if (code == SQLiteErrorCode.SQLITE_FULL.code) {
                return "its file system is full: make room there";
            }
            if (code == SQLiteErrorCode.SQLITE_READONLY.code || code == SQLiteErrorCode.SQLITE_CANTOPEN.code) {
                return "this program's user may not write to the file or its folder, their file system is read-only, or"
                        + " contacts.database.url says so (mode=ro, immutable=1): see to permissions with chmod or"
                        + " chown, mount the file system for writing, or name another file there";
            }
            return "check contacts.database.url, and that its folder has room and can be written to";
        }

        /** The texts of constraints name columns or what was declared; that of a trigger may be made of the row. */
        @Override
        Optional<String> refusal(SQLException e) {
            return find(SQLiteException.class, e)
                    .filter(failure -> plainCode(failure) == SQLiteErrorCode.SQLITE_CONSTRAINT.code)
                    .map(failure -> failure.getResultCode() == SQLiteErrorCode.SQLITE_CONSTRAINT_TRIGGER
                            ? "a trigger"
                            : failure.getMessage().replaceFirst("(?s)^.*\\((.*)\\)$", "$1"));
        }
    },
    POSTGRESQL("db/postgresql") {
        /** The pool has tried for seconds before it abandons. */
        @Override
        boolean isImmediatelyRetryable(SQLException e) {
            return !(e instanceof SQLTransientConnectionException);
        }

        @Override
        String greatest() {
            return "greatest";
        }

        @Override
        public String epochMicros() {
            return "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)";
        }

        @Override
        String schemaObjects() {
            return "SELECT 'table ' || tablename, NULL FROM pg_tables WHERE schemaname = current_schema()"
                    + " UNION SELECT 'column ' || c.relname || '.' || a.attname, NULL FROM pg_class c"
                    + " JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid"
                    + " WHERE n.nspname = current_schema() AND c.relkind = 'r' AND a.attnum > 0"
                    + " AND NOT a.attisdropped"
                    + " UNION SELECT 'index ' || t.relname || '.' || c.relname, CASE WHEN k.oid IS NULL"
                    + " THEN replace(pg_get_indexdef(i.indexrelid), ' ON ' || quote_ident(n.nspname) || '.', ' ON ')"
                    + " ELSE 'ALTER TABLE ' || quote_ident(t.relname) || ' ADD CONSTRAINT ' || quote_ident(k.conname)"
                    + " || ' ' || pg_get_constraintdef(k.oid) END FROM pg_index i"
                    + " JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid"
                    + " JOIN pg_namespace n ON n.oid = c.relnamespace"
                    + " LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.contype IN ('p', 'u')"
                    + " WHERE n.nspname = current_schema()"
                    + " AND i.indisvalid";
        }

        @Override
        public String skipLocked() {
            return " FOR UPDATE SKIP LOCKED";
        }

        /** Not of the table, whose lock would wait for a dump of the database, and all chunks behind it. */
        @Override
        void lockForgotten(Connection connection, boolean alone) throws SQLException {
            try (Statement statement = connection.createStatement()) {
                statement.execute("SELECT pg_advisory_xact_lock" + (alone ? "" : "_shared") + "(" + FORGOTTEN + ")");
            }
        }

        @Override
        public void setUuid(PreparedStatement statement, int index, UUID value) throws SQLException {
            if (value == null) {
                statement.setNull(index, Types.OTHER, "uuid");
            } else {
                statement.setObject(index, value);
            }
        }

        @Override
        UUID uuid(ResultSet row, int column) throws SQLException {
            return row.getObject(column, UUID.class);
        }

        @Override
        public Object instant(Instant value) {
            return value.atOffset(ZoneOffset.UTC);
        }

        @Override
        public Instant instant(ResultSet row, int column) throws SQLException {
            OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
            return time == null ? null : time.toInstant();
        }

        /**
         * Connection lost (class 08), server going down or statement canceled (57), no room for now (53), serialization
         * or deadlock (40), lock not available or object in use (55), disk or file of the server (58), idle in a
         * transaction for too long (25P03), and what {@link #isOfConnection} gives a new connection for.
         */
        @Override
        boolean isTransient(SQLException e) {
            String state = e.getSQLState();
            return e instanceof SQLTransientConnectionException
                    || state != null && state.matches("(08|40|53|55|57|58)...|25P03")
                    || isOfConnection(e);
        }

        /**
         * A server that was a primary takes no writes any more (25006), and another may by now; a statement that was
         * prepared is not there, or is another one (26000, 42P05), as behind a pooler.
         */
        @Override
        boolean isOfConnection(SQLException e) {
            String state = e.getSQLState();
            return state != null && state.matches("25006|26000|42P05");
        }

        /** Without the driver's names of its options, and without advice, which {@link #remedy} gives. */
        @Override
        String message(String text) {
            return text.contains(NO_PRIMARY)
                    ? "no server that it names takes writes"
                    : text.contains(NO_PASSWORD)
                            ? "the server asks for a password"
                            : text.replaceFirst("(?s)^Connection to (\\S+) refused\\..*$", "$1 refuses the connection");
        }

        @Override
        String remedy(SQLException e) {
            String state = String.valueOf(e.getSQLState());
            if (state.startsWith("28")) {
                return "check contacts.database.username and .password";
            }
            if (state.startsWith("08")) {
                // A pool puts an exception of its own around that of the driver.
                return ofConnection(Stream.iterate((Throwable) e, Objects::nonNull, Throwable::getCause)
                        .map(cause -> String.valueOf(cause.getMessage()))
                        .collect(Collectors.joining("\n")));
            }
            return switch (state) {
                case "25006" ->
                    "the server takes no writes, as a standby does: name the primary in contacts.database.url, or"
                            + " all servers (jdbc:postgresql://one,two/name)";
                case "26000", "42P05" ->
                    "a connection pooler stands between that cannot keep prepared statements: add"
                            + " prepareThreshold=0 to contacts.database.url";
                case "53100" -> "the server's disk is full: make room";
                case "53300" -> "the server has no connection left: raise its max_connections, or end other programs";
                case "42501" -> "grant the role what it lacks";
                case "42P01", "42703" ->
                    "tables or columns are missing: the command check says which; see to contacts.database.url and the"
                            + " user's search_path";
                case "3D000", "3F000" -> "create it, or check contacts.database.url";
                case "55P03", "57014", "25P03", "40001", "40P01" ->
                    "other work on the database is in its way: look into"
                            + " pg_stat_activity, and at the role's lock_timeout and statement_timeout";
                default -> "look into the server's log";
            };
        }

        /** The driver has one state for all that keeps it from a connection, and tells them apart in words only. */
        private static String ofConnection(String message) {
            if (message.contains(NO_PASSWORD)) {
                return "set contacts.database.password";
            }
            if (message.contains(NO_PRIMARY)) {
                return "name the primary in contacts.database.url, or see that the user's"
                        + " default_transaction_read_only is off";
            }
            return "check contacts.database.url, and that the server runs there";
        }

        /** Less than the socket timeout: a statement whose end nobody awaits any more must not continue. */
        @Override
        void limitStatements(Connection connection) throws SQLException {
            try (Statement statement = connection.createStatement()) {
                statement.execute(
                        "SELECT set_config('statement_timeout', '" + ConnectionPools.STATEMENT_TIMEOUT.toMillis()
                                + "', true) WHERE current_setting('statement_timeout') = '0'");
            }
        }

        @Override
        void checkConstraintsAtOnce(Connection connection) throws SQLException {
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET CONSTRAINTS ALL IMMEDIATE");
            }
        }

        /**
         * What a row is refused for: a constraint or its data by class, anything that a trigger raises, and states that
         * are no class of PostgreSQL's, which triggers in other languages make up. Without the text, which may be made
         * of the row.
         *
         * @see <a href="https://www.postgresql.org/docs/current/errcodes-appendix.html">PostgreSQL Error Codes</a>
         */
        @Override
        Optional<String> refusal(SQLException e) {
            String state = e.getSQLState();
            ServerErrorMessage server = find(PSQLException.class, e)
                    .map(PSQLException::getServerErrorMessage)
                    .orElse(null);
            boolean raised = RaisedByTrigger.isCauseOf(e);
            if (state == null || isTransient(e) && !raised) {
                return Optional.empty();
            }
            boolean ofRow = state.matches("(21|22|23|27|2F|38|39|44|54|P0)...");
            if (!raised && !ofRow && (server == null || state.matches(CLASSES))) {
                return Optional.empty();
            }
            String place = server == null
                    ? null
                    : server.getConstraint() != null
                            ? "constraint " + server.getConstraint()
                            : server.getColumn() != null ? "column " + server.getColumn() : raised ? "a trigger" : null;
            return Optional.of((place == null ? "" : place + ", ") + "SQLState " + state);
        }
    };

    private static final String NO_PRIMARY = "targetServerType";
    private static final String NO_PASSWORD = "no password was provided";

    static final String OF_DAMAGED = "restore a backup of it, or save what can be read by sqlite3 FILE .recover";

    /** All of the appendix "PostgreSQL Error Codes". */
    private static final String CLASSES =
            "(0[0-3]|0[89]|0[ABFLPZ]|10|2[0-8]|2[BDF]|34|38|39|3[BDF]|40|42|44|5[34578]|72|F0|HV|P0|XX)...";

    /** The name of the advisory lock; any number that nobody else takes in this database. */
    private static final long FORGOTTEN = 7_165_031_982_466_015_301L;

    /** Always three digits of fraction, so that text order is time order. */
    private static final DateTimeFormatter MILLISECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    /** Held by another process; no room; the disk or the folder is away. */
    private static final Set<Integer> PASSING = Set.of(
            SQLiteErrorCode.SQLITE_BUSY.code,
            SQLiteErrorCode.SQLITE_LOCKED.code,
            SQLiteErrorCode.SQLITE_FULL.code,
            SQLiteErrorCode.SQLITE_IOERR.code,
            SQLiteErrorCode.SQLITE_CANTOPEN.code);

    private final String migrations;

    Dialect(String migrations) {
        this.migrations = migrations;
    }

    /** Folder on the class path. */
    String migrations() {
        return migrations;
    }

    public abstract void setUuid(PreparedStatement statement, int index, UUID value) throws SQLException;

    /** @return the parameter behind the key's three */
    public int setKey(PreparedStatement statement, int index, ContactKey key) throws SQLException {
        setUuid(statement, index, key.tenantId());
        setUuid(statement, index + 1, key.customerId());
        setUuid(statement, index + 2, key.contactId());
        return index + 3;
    }

    /** Null where it is NULL. */
    abstract UUID uuid(ResultSet row, int column) throws SQLException;

    /** For {@code setObject}. */
    public abstract Object instant(Instant value);

    /** Null where it is NULL. */
    public abstract Instant instant(ResultSet row, int column) throws SQLException;

    /** Behind a SELECT whose rows others must not take as well; SQLite has one writer at a time anyway. */
    public String skipLocked() {
        return "";
    }

    /**
     * Held until the transaction ends: by those who store contacts together, by who adds to the forgotten alone. SQLite
     * has one writer at a time anyway.
     */
    void lockForgotten(Connection connection, boolean alone) throws SQLException {}

    /** Where the server's own upkeep (VACUUM of PostgreSQL) does not come to it; not in a transaction. */
    void overwriteDeleted(Connection connection) throws SQLException {}

    /** Whether another connection may do what this one cannot, though it is not broken. */
    boolean isOfConnection(SQLException e) {
        return false;
    }

    /** What the innermost cause of a failure says, for people: without what the driver puts around it in vain. */
    String message(String text) {
        return text;
    }

    /** What to do about a failure, for people. */
    abstract String remedy(SQLException e);

    /** A query for the tables, columns and indexes, as {@link SchemaObjects} has them: name, creating statement. */
    abstract String schemaObjects();

    /** Begins a transaction in which the server ends statements that take longer than anybody waits for them. */
    void limitStatements(Connection connection) throws SQLException {}

    /**
     * Has constraints and triggers that wait for the commit look at each statement of the transaction instead, so that
     * what they refuse can be told from the rest.
     */
    void checkConstraintsAtOnce(Connection connection) throws SQLException {}

    /** The function that gives the largest of its arguments. */
    abstract String greatest();

    /** The database's own time as microseconds since 1970. */
    public abstract String epochMicros();

    /** Whether the same work may succeed when it is tried again. */
    abstract boolean isTransient(SQLException e);

    /** Whether a database that cannot be opened may be there later: a server that does not answer yet. */
    boolean mayBecomeAvailable(Exception failure) {
        return this == POSTGRESQL
                && find(SQLException.class, failure).filter(this::isTransient).isPresent();
    }

    /** Whether an SQLite file could not be had because another connection was writing to it. */
    static boolean isHeldByAnother(Exception failure) {
        return find(SQLiteException.class, failure)
                .filter(e -> plainCode(e) == SQLiteErrorCode.SQLITE_BUSY.code)
                .isPresent();
    }

    /** Whether, of what {@linkplain #isTransient may pass}, it is worth another try without a pause. */
    boolean isImmediatelyRetryable(SQLException e) {
        return true;
    }

    /**
     * What keeps a row out for what is in it: a constraint, a trigger, the encoding. Without anything of the row.
     *
     * @return empty when the failure is of another kind
     */
    abstract Optional<String> refusal(SQLException e);

    /** Extended codes hold it in their low byte; SQLite's driver gives no SQLState. */
    private static int plainCode(SQLiteException e) {
        return e.getResultCode().code & 0xFF;
    }

    static <T extends Throwable> Optional<T> find(Class<T> type, Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return Optional.of(type.cast(cause));
            }
        }
        return Optional.empty();
    }

    static Dialect of(String url) {
        if (url.startsWith("jdbc:sqlite:")) {
            return SQLITE;
        }
        if (url.startsWith("jdbc:postgresql:")) {
            return POSTGRESQL;
        }
        throw new IllegalArgumentException(
                "contacts.database.url: expected a URL that begins with jdbc:sqlite: or jdbc:postgresql:");
    }
}
